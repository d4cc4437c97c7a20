"""The sub-commands of ``switchover``, one module each. Each function returns its exit status."""
