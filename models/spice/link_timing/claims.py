"""The ledger: what seed 001 and the facts say about linking, claim by claim, with designs and expectations."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from switchover.models.language import Answer, Case, Claim, Open, Property
from switchover.models.language.claim import SystemMaker

from . import properties as must
from .designs import (
    CHAINED,
    DISPLAY,
    FAILS,
    INPUTS,
    PLAYBACK,
    REFUSING,
    RETRY_ELSEWHERE,
    RETRY_SILENT,
    SILENT,
    THERE_AND_BACK,
    once,
    proposal,
    reference,
    shipped,
    strangers,
    there_and_back,
)
from .destination import Answers
from .ticket import OVER_LINKING, OVER_RECONNECTING, lives_longer_than_linking, set_at_the_start
from .variant import ALL_REPAIRS, Mutations, Repairs

HOLDS, VIOLATED, REGION = Answer.HOLDS, Answer.VIOLATED, Answer.REGION


def _claim(number: int, said: str, text: str, *cases: Case) -> Claim:
    return Claim(f"LT{number:02}", said, text, cases)


def _case(design: str, system: SystemMaker, property: Property | str, expected: Answer, **more: Any) -> Case:
    return Case(design, system, property, expected, **more)


def _mutation(name: str, system: SystemMaker, property: Property | str) -> Case:
    return Case(name, system, property, VIOLATED, role="mutation")


def _repair(name: str, system: SystemMaker, property: Property | str) -> Case:
    return Case(name, system, property, HOLDS, role="repair")


TIE = "a ticket that expires in the very millisecond of its check may be found expired"


def _ticket(design: str, system: SystemMaker, over: Open, server: str = "destination[1]", role: str = "claim") -> Case:
    timed = set_at_the_start(system, server)
    return Case(design, timed, must.attached_where_the_guest_runs, REGION, role, "symbolic", TIE, over)


def _early_enough(name: str, system: SystemMaker) -> Case:
    """The repair of LT01: with a later design no migration takes long enough to lose the client."""
    outlived = replace(OVER_LINKING, within=lives_longer_than_linking, stated=None)
    timed = set_at_the_start(system, "destination[1]")
    return Case(name, timed, must.attached_where_the_guest_runs, HOLDS, "repair", "symbolic", over=outlived)


_ONE = (DISPLAY,)

ORIGINAL = (
    _claim(
        1,
        "001 intro, H01",
        "a ticket set before migration can expire before the client reaches the target, and the session is lost",
        _ticket("switch_host", shipped(follows=False, ticket_may_expire=True, channels=_ONE), OVER_RECONNECTING),
        _early_enough("link when the migration starts", shipped(ticket_may_expire=True, channels=_ONE)),
    ),
    _claim(
        2,
        "001 intro",
        "linking when migration starts removes that loss",
        _ticket("proposal", proposal(ticket_may_expire=True, channels=_ONE), OVER_LINKING, "server[1]"),
        _ticket("shipped", shipped(ticket_may_expire=True, channels=_ONE), OVER_LINKING),
        _ticket("seamless", shipped(seamless=True, ticket_may_expire=True, channels=_ONE), OVER_LINKING),
        _ticket(
            "link at the end again",
            shipped(follows=False, ticket_may_expire=True, channels=_ONE),
            OVER_RECONNECTING,
            role="mutation",
        ),
    ),
    _claim(
        3,
        "001 (A)(C)",
        "after a failed or cancelled migration the client goes on at the source, every socket to the target closed",
        _case("proposal", proposal(outlasts_linking=True, **FAILS), must.back_on_the_source_after_a_failure, HOLDS),
        _case("shipped", shipped(**FAILS), must.back_on_the_source_after_a_failure, HOLDS),
        _case("seamless", shipped(seamless=True, **FAILS), must.back_on_the_source_after_a_failure, HOLDS),
        _mutation(
            "proposal: forget one channel on cancel",
            proposal(outlasts_linking=True, forgets_channel=True, **FAILS),
            must.back_on_the_source_after_a_failure,
        ),
        _mutation(
            "forget one channel on cancel",
            shipped(mutations=Mutations(forgets_channel=True), **FAILS),
            must.back_on_the_source_after_a_failure,
        ),
        _mutation(
            "seamless: forget one channel on cancel",
            shipped(seamless=True, mutations=Mutations(forgets_channel=True), **FAILS),
            must.back_on_the_source_after_a_failure,
        ),
    ),
    _claim(
        4,
        "001 (B)",
        "before the switch the client handles nothing of the target but link replies and the seamless ACK or NACK",
        _case("proposal", proposal(outlasts_linking=True), must.listens_to_the_target_before_the_switch, HOLDS),
        _case("shipped", shipped(may_talk=True), must.handles_the_target_before_the_switch, HOLDS),
        _case("seamless", shipped(seamless=True), must.handles_the_target_before_the_switch, HOLDS),
        _mutation(
            "proposal: start listening at link",
            proposal(outlasts_linking=True, reads_twin=True),
            must.listens_to_the_target_before_the_switch,
        ),
        _mutation(
            "start listening at link",
            shipped(seamless=True, mutations=Mutations(reads_twin=True)),
            must.handles_the_target_before_the_switch,
        ),
    ),
    _claim(
        5,
        "001 (B)(1)",
        "after the switch no surface, cache, dictionary or audio session of the source survives in any channel",
        _case("proposal", proposal(outlasts_linking=True), must.keeps_data_of_the_source, HOLDS),
        _case("shipped", shipped(), must.keeps_data_of_the_source, HOLDS),
        _mutation(
            "proposal: skip a reset", proposal(outlasts_linking=True, keeps_data=True), must.keeps_data_of_the_source
        ),
        _mutation(
            "skip a reset (H09, H10)", shipped(mutations=Mutations(keeps_data=True)), must.keeps_data_of_the_source
        ),
    ),
    _claim(
        6,
        "001 (B)(2)",
        "each channel other than main sends the target its initialisation once, after the switch",
        _case("proposal", proposal(outlasts_linking=True), must.initialised_once_after_the_switch, HOLDS),
        _case("shipped", shipped(channels=(DISPLAY, INPUTS)), must.initialised_once_after_the_switch, HOLDS),
        _mutation(
            "proposal: send at link",
            proposal(outlasts_linking=True, initialises_at_link=True),
            must.initialised_once_after_the_switch,
        ),
        _mutation(
            "send at link",
            shipped(channels=(DISPLAY, INPUTS), mutations=Mutations(initialises_at_link=True)),
            must.initialised_once_after_the_switch,
        ),
    ),
    _claim(
        7,
        "001 B, display",
        "a target that waits for the display's INIT as soon as the channel is linked blocks",
        _case(
            "proposal",
            proposal(outlasts_linking=True, eager_init_wait=True),
            must.target_waits_for_an_init_that_cannot_come,
            VIOLATED,
        ),
        _repair("expect it later", proposal(outlasts_linking=True), must.target_waits_for_an_init_that_cannot_come),
    ),
    _claim(
        8,
        "001 B, main",
        "a migrated client gets no second INIT and no network test, but time and mouse mode",
        _case("proposal", proposal(outlasts_linking=True), must.greeted_as_a_migrated_client, HOLDS),
        _mutation(
            "greet it as a new client",
            proposal(outlasts_linking=True, inits_migrated=True),
            must.greeted_as_a_migrated_client,
        ),
    ),
    _claim(
        9,
        "001 B, playback",
        "the playback status reaches the client after the switch",
        _case("proposal", proposal(outlasts_linking=True), must.playback_status_arrives, HOLDS),
        _case("shipped", shipped(channels=(DISPLAY, PLAYBACK)), must.playback_status_arrives, HOLDS),
        _mutation(
            "proposal: assume it was kept",
            proposal(outlasts_linking=True, keeps_playback_status=True),
            must.playback_status_arrives,
        ),
        _mutation(
            "assume it was kept",
            shipped(channels=(DISPLAY, PLAYBACK), mutations=Mutations(keeps_playback_status=True)),
            must.playback_status_arrives,
        ),
    ),
)


def _combination(source: str, target: str, client: str) -> Case:
    """One of the eight combinations of old and new software."""
    old = {"old_source": source == "old", "old_target": target == "old", "old_client": client == "old"}
    broken = (source, target, client) == ("new", "old", "new")
    return _case(
        f"{source}-{target}-{client}",
        proposal(outlasts_linking=not broken, **old),
        must.attached_where_the_guest_runs,
        VIOLATED if broken else HOLDS,
        why="a target of 2010 refuses a connection id that it has not given, the post has no message by which the "
        "client could say so (LT30), and MIGRATE finds it unlinked"
        if broken
        else "",
    )


COMPATIBILITY = (
    _claim(
        10,
        "001 compat",
        "each combination of old and new (source-target-client) ends attached to the host that runs the guest",
        *(
            _combination(source, target, client)
            for source in ("new", "old")
            for target in ("new", "old")
            for client in ("new", "old")
        ),
        _mutation(
            "ignore the capability",
            proposal(old_client=True, ignores_capability=True, **FAILS),
            must.attached_where_the_guest_runs,
        ),
    ),
    _claim(
        11,
        "001 compat question",
        "if SWITCH_HOST means 'link now' from a new server and 'switch now' from an old one, some pair goes wrong",
        _case(
            "proposal",
            proposal(old_source=True, has_capability=False, outlasts_linking=True),
            must.attached_where_the_guest_runs,
            VIOLATED,
        ),
        _repair("a capability", proposal(old_source=True, outlasts_linking=True), must.attached_where_the_guest_runs),
    ),
    _claim(
        12,
        '001 "tricky parts I missed?"',
        "the migration can complete before the client has finished linking",
        _case("proposal", proposal(), must.attached_where_the_guest_runs, VIOLATED),
        _repair("wait for the client with a limit, then SWITCH_HOST", shipped(), must.attached_where_the_guest_runs),
    ),
    _claim(
        13,
        "H02",
        "when the destination cannot accept links while it loads state, linking at migration start hangs the client",
        _case("proposal", proposal(blocks_while_loading=True), must.hangs_while_linking, VIOLATED),
        _repair(
            "link at client_migrate_info, and hold the command until the client has linked",
            shipped(blocks_while_loading=True, waits_for_connect=True),
            must.hangs_while_linking,
        ),
    ),
    _claim(
        14,
        "P1, 001 (B)",
        "no quiescent state has a client that is not attached, on every channel, to the host that runs the guest",
        _case(
            "proposal",
            proposal(),
            must.attached_where_the_guest_runs,
            VIOLATED,
        ),
        _case("shipped", shipped(), must.attached_where_the_guest_runs, HOLDS),
        _case("seamless", shipped(seamless=True), must.attached_where_the_guest_runs, HOLDS),
        _mutation(
            "drop the SWITCH_HOST fallback",
            shipped(mutations=Mutations(forgets_fallback=True)),
            must.attached_where_the_guest_runs,
        ),
        _mutation(
            "seamless: drop the SWITCH_HOST fallback",
            shipped(seamless=True, mutations=Mutations(forgets_fallback=True)),
            must.attached_where_the_guest_runs,
        ),
        _repair(
            "proposal: a migration that outlasts the linking",
            proposal(outlasts_linking=True),
            must.attached_where_the_guest_runs,
        ),
    ),
)

SHIPPED = (
    _claim(
        15,
        "P2, H27, H28",
        "each connect is reported once; a completed end once; a failed end with a client present not at all",
        _case("shipped", shipped(may_fail=True), must.reports_each_end_once, HOLDS),
        _case("no-idle-wait", shipped(may_fail=True), must.waits_with_every_reply_in, HOLDS),
        _mutation(
            "keep waiting for replies at the end (H27)",
            shipped(may_fail=True, mutations=Mutations(keeps_waiting=True)),
            must.reports_each_end_once,
        ),
        _mutation(
            "count each client twice (H28)",
            shipped(may_fail=True, mutations=Mutations(counts_twice=True)),
            must.waits_with_every_reply_in,
        ),
    ),
    _claim(
        16,
        "N01",
        "a decision for seamless survives a failed attempt and sends the wrong message later",
        _case("seamless", shipped(**RETRY_SILENT), must.migrates_an_unlinked_client, VIOLATED),
        _repair(
            "reset it with each attempt",
            shipped(repairs=Repairs(resets_seamless=True), **RETRY_SILENT),
            must.migrates_an_unlinked_client,
        ),
    ),
    _claim(
        17,
        "N02",
        "a reply to an abandoned attempt is counted for the next one and sends the client to the wrong host",
        _case("shipped", shipped(**RETRY_ELSEWHERE), must.goes_to_the_wrong_host, VIOLATED),
        _repair(
            "attempt id in the messages",
            shipped(repairs=Repairs(numbers_attempts=True), **RETRY_ELSEWHERE),
            must.goes_to_the_wrong_host,
        ),
    ),
    _claim(
        18,
        "N09",
        "chained migration: SWITCH_HOST dropped, then a stale BEGIN",
        _case("shipped", shipped(**CHAINED), must.begins_after_the_guest_has_left, VIOLATED),
        _repair(
            "remember the SWITCH_HOST, drop the BEGIN",
            shipped(repairs=Repairs(remembers_switch=True), **CHAINED),
            must.begins_after_the_guest_has_left,
        ),
    ),
    _claim(
        19,
        "N10, N11",
        "migration faster than the client's linking: the late reply and SWITCH_HOST cross; "
        "the target waits for data that never comes",
        _case("seamless", shipped(seamless=True), must.target_waits_in_vain, VIOLATED),
        _case("read-only", shipped(seamless=True, read_only=True), must.target_waits_in_vain, VIOLATED),
        _repair(
            "abort the attempt on SWITCH_HOST",
            shipped(seamless=True, repairs=Repairs(aborts_previous=True)),
            must.target_waits_in_vain,
        ),
    ),
    _claim(
        20,
        "N12",
        "after CANCEL a channel created later is linked to the target",
        _case("shipped", shipped(adds_channel=True, may_cancel=True), must.one_host_at_a_time, VIOLATED),
        _repair(
            "name the target only when going over",
            shipped(adds_channel=True, may_cancel=True, repairs=Repairs(restores_endpoint=True)),
            must.one_host_at_a_time,
        ),
    ),
    _claim(
        21,
        "N13",
        "a target that dies after CONNECTED is not noticed; END then kills the session",
        _case(
            "shipped",
            shipped(drops_linked=True, drops_while_loading=False, slots=3),
            must.attached_where_the_guest_runs,
            VIOLATED,
        ),
        _repair(
            "watch frozen sockets, fall back",
            shipped(drops_linked=True, slots=3, repairs=Repairs(watches_twin=True, hears_late_errors=True)),
            must.attached_where_the_guest_runs,
        ),
    ),
    _claim(
        22,
        "N20, N21",
        "an attempt that is never aborted makes every later BEGIN fail",
        _case("shipped", shipped(**THERE_AND_BACK), must.declines_a_begin, VIOLATED),
        _repair(
            "abort on SWITCH_HOST and on a second BEGIN",
            shipped(repairs=Repairs(aborts_previous=True), **THERE_AND_BACK),
            must.declines_a_begin,
        ),
    ),
    _claim(
        23,
        "H05",
        "a switch-host reconnect that keeps the old connection id is taken for a migrated client and gets nothing",
        _case(
            "switch_host",
            shipped(follows=False, mutations=Mutations(keeps_connection_id=True)),
            must.attached_where_the_guest_runs,
            VIOLATED,
        ),
        _repair("id 0", shipped(follows=False), must.attached_where_the_guest_runs),
    ),
    _claim(
        24,
        "P3, H14",
        "nothing but MIGRATE_DATA follows MIGRATE on a channel",
        _case(
            "seamless",
            shipped(seamless=True, may_talk=True, channels=(DISPLAY, INPUTS)),
            must.takes_other_data_for_the_state,
            HOLDS,
        ),
        _mutation(
            "a server that talks after MIGRATE (H14)",
            shipped(
                seamless=True,
                may_talk=True,
                channels=(DISPLAY, INPUTS),
                mutations=Mutations(talks_after_migrate=True),
            ),
            must.takes_other_data_for_the_state,
        ),
    ),
    _claim(
        25,
        "P9, N26",
        "every accepted socket is eventually used or closed",
        _case("shipped", shipped(), must.every_socket_is_used_or_closed, VIOLATED),
        _repair(
            "close parked sockets with their record",
            shipped(repairs=Repairs(closes_parked=True)),
            must.every_socket_is_used_or_closed,
        ),
    ),
)


OURS = (
    _claim(
        26,
        "ours",
        "no message of a client, in any order, brings a server actor into an unexpected-message state that stops it",
        _case("source", strangers(host=0, words=(3, 1)), "no_unexpected_message", HOLDS),
        _case("target", strangers(host=1, words=(4, 1)), "no_unexpected_message", HOLDS),
        _mutation("believe every socket", strangers(host=1, words=(4, 1), trusting=True), "no_unexpected_message"),
    ),
    _claim(
        27,
        "ours",
        "LT03, LT04 and LT14 hold together, for 1 to 4 channels, and for two migrations in a row, there and back",
        _case("1-channel", once(1, seamless=True), must.hands_over_safely, HOLDS),
        _case("2-channels", once(2, seamless=True), must.hands_over_safely, HOLDS),
        _case("3-channels", once(3, seamless=True), must.hands_over_safely, HOLDS),
        _case("4-channels", once(4), must.hands_over_safely, HOLDS),
        _case("1-there-and-back", there_and_back(1, seamless=True), must.hands_over_safely, HOLDS),
        _case("2-there-and-back", there_and_back(2, seamless=True), must.hands_over_safely, HOLDS),
        _case("2-there-and-back-semi", there_and_back(2), must.hands_over_safely, HOLDS),
        _mutation(
            "drop the SWITCH_HOST fallback",
            once(1, seamless=True, mutations=Mutations(forgets_fallback=True)),
            must.hands_over_safely,
        ),
        _mutation(
            "leave one repair out: links that were given up displace the client",
            shipped(
                repairs=replace(ALL_REPAIRS, keeps_served_client=False), slots=3, channels=(DISPLAY,), may_fail=True
            ),
            must.hands_over_safely,
        ),
        _mutation(
            "leave one repair out: nobody is sent after the guest",
            shipped(repairs=replace(ALL_REPAIRS, remembers_switch=False), **THERE_AND_BACK),
            must.hands_over_safely,
        ),
    ),
    _claim(
        28,
        "001 (A), N14",
        "a target that accepts and never answers must not stop the client from serving the source and obeying CANCEL",
        _case("shipped", shipped(answers=SILENT, may_cancel=True), must.hears_the_source, VIOLATED),
        _case("reference", reference(answers=SILENT, may_cancel=True), must.hears_the_source, HOLDS),
        _mutation(
            "suspend the main channel while linking",
            shipped(answers=SILENT, may_cancel=True, slots=3, repairs=replace(ALL_REPAIRS, reads_while_linking=False)),
            must.hears_the_source,
        ),
    ),
    _claim(
        29,
        "001 compat",
        "an old client sees what it saw in 2010: SWITCH_HOST when the migration has completed, and nothing else",
        _case("proposal", proposal(old_client=True, **FAILS), must.leaves_before_the_end, HOLDS),
        _mutation(
            "send SWITCH_HOST early to it",
            proposal(old_client=True, ignores_capability=True, **FAILS),
            must.leaves_before_the_end,
        ),
    ),
    _claim(
        30,
        "001 (C), silent in the post",
        "the target is unreachable or refuses: a client that is not linked is not switched",
        _case("proposal", proposal(answers=Answers.REFUSES), must.switched_before_it_is_linked, VIOLATED),
        _case("shipped", shipped(answers=REFUSING), must.switched_before_it_is_linked, HOLDS),
        _mutation(
            "take CONNECT_ERROR for CONNECTED",
            shipped(answers=REFUSING, mutations=Mutations(takes_errors_for_success=True)),
            must.switched_before_it_is_linked,
        ),
    ),
    _claim(
        31,
        "ours",
        "a BEGIN that overtakes the list of channels leaves the channels behind",
        _case("shipped", shipped(**THERE_AND_BACK), must.attached_where_the_guest_runs, VIOLATED),
        _repair(
            "decline it until the channels are there, and all other repairs",
            reference(targets=(1, 0), channels=(DISPLAY,)),
            must.attached_where_the_guest_runs,
        ),
    ),
    _claim(
        32,
        "ours",
        "a late link of an attempt that was given up displaces the client that has connected anew",
        _case(
            "unguarded",
            shipped(repairs=replace(ALL_REPAIRS, keeps_served_client=False), slots=3, channels=(DISPLAY,)),
            must.attached_where_the_guest_runs,
            VIOLATED,
        ),
        _repair(
            "refuse it while a client is in service", reference(channels=(DISPLAY,)), must.attached_where_the_guest_runs
        ),
    ),
    _claim(
        33,
        "R07, recording m6x",
        "a display that its worker learns of late is not waited for, and its MIGRATE_DATA drops the whole client",
        _case(
            "seamless",
            shipped(seamless=True, registers_late=True, channels=(DISPLAY, INPUTS)),
            must.attached_where_the_guest_runs,
            VIOLATED,
        ),
        _repair(
            "register before the link is answered",
            shipped(seamless=True, channels=(DISPLAY, INPUTS)),
            must.attached_where_the_guest_runs,
        ),
    ),
)

CLAIMS = tuple(sorted((*ORIGINAL, *COMPATIBILITY, *SHIPPED, *OURS), key=lambda claim: claim.id))
