"""What no real software does is rejected, at the line where it shows, with the reason."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from recordings import Rows, as_lines, dropped, find, inserted, moved, rows_of
from switchover.checks.conformance import DIFFERS, conform

#: Rows, index of the row where it shows, and what the answer says of the nearest action.
Edit = tuple[Rows, int, str]


def reply_without_begin() -> Edit:
    """The client goes to a target that nobody has named."""
    rows = dropped(rows_of("a-"), find(rows_of("a-"), message="MIGRATE_BEGIN"))
    return rows, find(rows, tcp="SYN", host="B"), "migrate_begin"


def reply_without_begin_or_link() -> Edit:
    rows = [row for row in rows_of("c1") if row["host"] != "B" or row["kind"] != "spice"]
    rows = dropped(rows, find(rows, message="MIGRATE_BEGIN"))
    return rows, find(rows, message="MIGRATE_CONNECTED"), ""


def end_without_reply() -> Edit:
    rows = dropped(rows_of("a-"), find(rows_of("a-"), message="MIGRATE_CONNECTED"))
    return rows, find(rows, message="MIGRATE_END", sender="server"), "SendEnd"


def cancel_after_end() -> Edit:
    rows = rows_of("a-")
    end = find(rows, message="MIGRATE_END", sender="server")
    rows = inserted(rows, end + 1, {**rows[end], "message": "MIGRATE_CANCEL"})
    return rows, end + 1, "SourceServer in completed"


def cancel_without_reason() -> Edit:
    rows = rows_of("a-")
    command = find(rows, name="migrate")
    row = {**rows[find(rows, message="MIGRATE_END", sender="server")], "message": "MIGRATE_CANCEL"}
    return inserted(rows, command, row), command, ""


def init_before_end_of_the_client() -> Edit:
    rows = rows_of("a-")
    end = find(rows, message="MIGRATE_END", sender="client")
    return moved(rows, find(rows, message="INIT", host="B", channel="main"), end), end, "destination[1] on MigrateEnd"


def data_without_flush_mark() -> Edit:
    rows = rows_of("b-")
    rows = dropped(rows, find(rows, message="MIGRATE_FLUSH_MARK", channel="display"))
    return rows, find(rows, message="MIGRATE_DATA", channel="display"), "MigrateFlushMark"


def flush_mark_without_migrate() -> Edit:
    rows = rows_of("b-")
    rows = dropped(rows, find(rows, message="MIGRATE", channel="display"))
    return rows, find(rows, message="MIGRATE_FLUSH_MARK", channel="display"), "channel[0]"


def data_to_the_target_without_data_from_the_source() -> Edit:
    rows = rows_of("b-")
    rows = dropped(rows, find(rows, message="MIGRATE_DATA", channel="main", sender="server"))
    return rows, find(rows, message="MIGRATE_DATA", channel="main", sender="client"), "session"


def connected_twice() -> Edit:
    rows = rows_of("b-")
    reply = find(rows, message="MIGRATE_CONNECTED_SEAMLESS")
    return inserted(rows, reply + 1, rows[reply]), reply + 1, "session"


def connected_before_the_last_channel() -> Edit:
    rows = rows_of("a-")
    last = find(rows, message="LINK_RESULT", host="B", nth=3)
    return moved(rows, find(rows, message="MIGRATE_CONNECTED"), last), last, "channel["


def ack_without_do_seamless() -> Edit:
    rows = dropped(rows_of("b-"), find(rows_of("b-"), message="MIGRATE_DST_DO_SEAMLESS"))
    return rows, find(rows, message="MIGRATE_DST_SEAMLESS_ACK"), "MigrateDstDoSeamless"


def channel_before_the_result_of_main() -> Edit:
    rows = rows_of("a-")
    result = find(rows, message="LINK_RESULT", host="B", channel="main")
    link = find(rows, message="LINK", host="B", channel="inputs")
    opening = find(rows, tcp="SYN", connection=rows[link]["connection"])
    rows = moved(moved(rows, link, result), opening + 1, result)
    return rows, result, "LinkResult"


def completed_before_the_client_left() -> Edit:
    rows = rows_of("a-")
    leaves = find(rows, tcp="FIN", connection=1, sender="client")
    return moved(rows, find(rows, name="SPICE_MIGRATE_COMPLETED"), leaves), leaves, "destination[0] on Closed"


def message_after_fin() -> Edit:
    rows = rows_of("a-")
    fin = find(rows, tcp="FIN", connection=1, sender="client")
    return inserted(rows, fin + 1, rows[find(rows, message="MIGRATE_CONNECTED")]), fin + 1, "has closed"


def traffic_after_fin() -> Edit:
    rows = rows_of("a-")
    fin = find(rows, tcp="FIN", connection=2, sender="server")
    return inserted(rows, fin + 1, rows[find(rows, message="DRAW_COPY")]), fin + 1, "has closed"


def guest_resumes_before_the_migration() -> Edit:
    rows = rows_of("a-")
    command = find(rows, name="migrate")
    return moved(rows, find(rows, name="RESUME"), command), command, ""


def begin_before_the_command() -> Edit:
    rows = rows_of("a-")
    command = find(rows, name="client_migrate_info")
    return moved(rows, find(rows, message="MIGRATE_BEGIN"), command), command, "client_migrate_info"


def switch_host_of_a_linked_client() -> Edit:
    """The client cannot answer SWITCH_HOST with END."""
    rows = rows_of("a-")
    end = find(rows, message="MIGRATE_END", sender="server")
    rows[end] = {**rows[find(rows, message="MIGRATE_BEGIN")], "message": "MIGRATE_SWITCH_HOST"}
    return rows, find(rows, message="MIGRATE_END", sender="client"), "session"


def migrate_in_a_semi_seamless_handover() -> Edit:
    rows = rows_of("a-")
    end = find(rows, message="MIGRATE_END", sender="server")
    return inserted(rows, end, {**rows[end], "message": "MIGRATE", "fields": {"flags": 3}}), end, "SendMigrate"


def refused_ticket_and_yet_connected() -> Edit:
    rows = rows_of("e3")
    error = find(rows, message="MIGRATE_CONNECT_ERROR")
    rows[error] = {**rows[error], "message": "MIGRATE_CONNECTED"}
    return rows, error, "session"


def migrated_with_the_id_of_a_new_client() -> Edit:
    rows = rows_of("a-")
    link = find(rows, message="LINK", host="B", channel="main")
    rows[link] = {**rows[link], "fields": {**rows[link]["fields"], "connection_id": 0}}
    return rows, link, ""


def new_client_with_the_id_of_a_migrated_one() -> Edit:
    rows = rows_of("a0")
    old = rows[find(rows, message="LINK", host="B", channel="main")]["fields"]["connection_id"]
    link = find(rows, message="LINK", host="B", channel="main", nth=1)
    rows[link] = {**rows[link], "fields": {**rows[link]["fields"], "connection_id": old}}
    return rows, link, ""


def second_init() -> Edit:
    rows = rows_of("a-")
    init = find(rows, message="INIT", host="B", channel="inputs")
    return inserted(rows, init + 1, rows[init]), init + 1, ""


EDITS: tuple[Callable[[], Edit], ...] = (
    reply_without_begin,
    reply_without_begin_or_link,
    end_without_reply,
    cancel_after_end,
    cancel_without_reason,
    init_before_end_of_the_client,
    data_without_flush_mark,
    flush_mark_without_migrate,
    data_to_the_target_without_data_from_the_source,
    connected_twice,
    connected_before_the_last_channel,
    ack_without_do_seamless,
    channel_before_the_result_of_main,
    completed_before_the_client_left,
    message_after_fin,
    traffic_after_fin,
    guest_resumes_before_the_migration,
    begin_before_the_command,
    switch_host_of_a_linked_client,
    migrate_in_a_semi_seamless_handover,
    refused_ticket_and_yet_connected,
    migrated_with_the_id_of_a_new_client,
    new_client_with_the_id_of_a_migrated_one,
    second_init,
)


@pytest.mark.parametrize("edit", EDITS)
def test_is_rejected_where_it_shows(edit: Callable[[], Edit]) -> None:
    rows, index, nearest = edit()
    found = conform(as_lines(rows))
    assert found.verdict == DIFFERS
    assert found.line == index + 1, found.text
    assert (rows[index].get("message") or rows[index].get("tcp") or rows[index].get("name")) in found.text
    assert nearest in found.nearest
    assert found.allowed
    assert found.explained < found.mapped
