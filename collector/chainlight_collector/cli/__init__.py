"""The command `chainlight`: one module a subcommand, imported when it is called."""
