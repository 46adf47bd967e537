"""What is measured: one idea a module. Each function makes one measurement in a place of its own."""
