"""What must hold when a SPICE client is handed over: the ledger's statements as predicates."""

from __future__ import annotations

from typing import Any

from switchover.models.language import ActorView as View
from switchover.models.language import always, never


def _guest_host(hypervisor: tuple[View, ...]) -> int | None:
    """The host that runs the guest; None while it is between two, or on both."""
    running = [number for number, each in enumerate(hypervisor) if each.runs_guest]
    return running[0] if len(running) == 1 else None


@always(when="quiescent")
def attached_where_the_guest_runs(session: View, channel: tuple[View, ...], hypervisor: tuple[View, ...]) -> bool:
    """No quiescent state has a client that is not attached, on every channel, to the host that runs the guest."""
    guest = _guest_host(hypervisor)
    if guest is None or session.has_quit:
        return True
    return bool(session.host == guest) and all(each.host == guest for each in channel)


@always(when="quiescent")
def back_on_the_source_after_a_failure(management: View, session: View, channel: tuple[View, ...]) -> bool:
    """After a failed or cancelled migration the client is served by the source and has closed every socket to the
    target.
    """
    if not (management.is_in("ready") and management.failed and not session.has_quit):
        return True
    at = management.at
    links = range(len(session.main))
    others = [link for link in links if link // session.slots != at]
    return bool(
        session.host == at
        and all(each.host == at and each.holds == at for each in channel)
        and not any(session.main[link].is_open for link in others)
        and not any(each.server[link].is_open for each in channel for link in others)
    )


@never
def handles_the_target_before_the_switch(channel: tuple[View, ...]) -> bool:
    """Before the switch the client handles nothing of the target but link replies and DST_SEAMLESS_ACK or NACK."""
    return any(each.early for each in channel)


@never
def listens_to_the_target_before_the_switch(session: View, channel: tuple[View, ...]) -> bool:
    """Before the switch the client handles nothing of the target but link replies, main channel included."""
    return bool(session.early) or any(each.early for each in channel)


@never
def keeps_data_of_the_source(channel: tuple[View, ...]) -> bool:
    """After the switch a surface, cache, dictionary or audio session of the source survives in a channel."""
    return any(each.is_in("completed") and each.here >= 0 and each.holds not in (-1, each.host) for each in channel)


@always(when="quiescent")
def initialised_once_after_the_switch(session: View, channel: tuple[View, ...]) -> bool:
    """Each channel that sends an initialisation on connect sends it to the target once, after the switch."""
    return not session.is_in("completed") or all(
        each.inits == 1 for each in channel if each.kind.client_initialises and each.is_in("completed")
    )


@always(when="quiescent")
def playback_status_arrives(session: View, channel: tuple[View, ...]) -> bool:
    """The playback status of the new server has reached the client."""
    return not session.is_in("completed") or all(
        each.started_by == each.host for each in channel if each.kind.value == "playback" and each.is_in("completed")
    )


@always(when="quiescent")
def reports_each_end_once(hypervisor: tuple[View, ...]) -> bool:
    """Each connect is reported to QEMU exactly once; a completed end exactly once, a failed one with a client not
    at all.
    """
    here = hypervisor[0]
    completed = here.ends > 0 and not here.runs_guest
    return bool(here.connect_completes == here.connects and here.end_completes == (1 if completed else 0))


@never
def waits_with_every_reply_in(source: tuple[View, ...]) -> bool:
    """The source waits for its timer although every client has answered."""
    return any(each.is_in("linking") and not each.waits_for_reply and not each.postponed for each in source)


@never
def migrates_an_unlinked_client(source: tuple[View, ...]) -> bool:
    """The source sends MIGRATE, although the client is not linked to the target of this attempt."""
    return any(each.is_in("completed") and each.src_do_seamless and not each.connected for each in source)


@never
def goes_to_the_wrong_host(session: View, source: tuple[View, ...]) -> bool:
    """END sends the client to a host that is not the target of this migration."""
    return bool(session.is_in("arriving") and session.target != source[session.source].target)


@never
def begins_after_the_guest_has_left(source: tuple[View, ...]) -> bool:
    """A server tells its client to link to a target, although the guest has left already."""
    return any(each.is_in("completed") and each.waits_for_reply for each in source)


@never
def target_waits_in_vain(session: View, destination: tuple[View, ...]) -> bool:
    """The target's display waits for MIGRATE_DATA while the client, having given that up, is connecting anew."""
    abandoned = session.is_in("switching") and session.twin >= 0
    return bool(abandoned) and any(each.worker_waits for each in destination)


@always(when="quiescent")
def one_host_at_a_time(session: View, channel: tuple[View, ...]) -> bool:
    """All channels in use belong to the host that serves the main channel."""
    return session.host < 0 or all(each.host in (-1, session.host) for each in channel)


@never
def declines_a_begin(session: View) -> bool:
    """A BEGIN is answered CONNECT_ERROR because of an earlier attempt."""
    return bool(session.declined)


@never
def takes_other_data_for_the_state(channel: tuple[View, ...]) -> bool:
    """Something other than MIGRATE_DATA follows MIGRATE on a channel."""
    return any(each.confused for each in channel)


@always(when="quiescent")
def every_socket_is_used_or_closed(server_channel: tuple[View, ...]) -> bool:
    """Every accepted socket is in use or closed."""
    return not any(each.is_in("forgotten") for each in server_channel)


@always(when="quiescent")
def hears_the_source(main_0_0: Any) -> bool:
    """What the source has said on the main channel is read, whatever the target does."""
    return not main_0_0.to_first


@never
def target_waits_for_an_init_that_cannot_come(session: View, server_channel: tuple[View, ...]) -> bool:
    """A display of the target waits for its INIT while the client is still with the source."""
    return bool(session.host == 0) and any(each.is_in("waiting") for each in server_channel)


@always(when="quiescent")
def greeted_as_a_migrated_client(session: View) -> bool:
    """A migrated client has got time and mouse mode, and no second INIT."""
    migrated = session.is_in("completed") and session.connection_id == 1 and session.host == 1
    return not migrated or bool(session.has_time and session.has_mouse_mode and session.inits == 0)


@never
def switched_before_it_is_linked(session: View) -> bool:
    """The source tells a client to go over that is not linked to the target."""
    return bool(session.confused)


@never(when="quiescent")
def hangs_while_linking(session: View) -> bool:
    """The client is linking and nothing will happen by itself that ends it."""
    return bool(session.is_in("linking"))


@never
def leaves_before_the_end(session: View, hypervisor: tuple[View, ...]) -> bool:
    """An old client is told to leave while the guest still runs at the source."""
    return bool(session.is_in("leaving", "switching") and hypervisor[0].runs_guest)


@always(when="quiescent")
def hands_over_safely(management: View, session: View, channel: tuple[View, ...], hypervisor: tuple[View, ...]) -> bool:
    """LT03, LT04 and LT14 together."""
    return bool(
        attached_where_the_guest_runs.predicate(session, channel, hypervisor)
        and back_on_the_source_after_a_failure.predicate(management, session, channel)
        and not handles_the_target_before_the_switch.predicate(channel)
    )
