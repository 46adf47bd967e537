"""What tests build with: drawn processes, engines, attempts, commands. Each is said once, here."""
