"""What a person sees: commands, screens, reports."""

__version__ = "0.1.0"
