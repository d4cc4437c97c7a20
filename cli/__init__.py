"""Switchover: executable, checkable models of live migration's handover."""
