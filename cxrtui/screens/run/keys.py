"""The keys of the Run screen, the most used first."""

from textual.binding import Binding, BindingType

RUN_KEYS: list[BindingType] = [
    Binding(
        "space",
        "overlay",
        "overlay",
        tooltip="keep this model's curves while you look at others, or let them go",
    ),
    Binding("l", "log", "log", tooltip="the log large, or small again"),
    Binding("L", "attempt", "attempt", tooltip="the log of the attempt before, or the newest"),
    Binding("s", "smooth", "smooth", tooltip="smooth the train loss: not at all, 0.6, 0.9, 0.99"),
    Binding("x", "axis", "axis", tooltip="the x axis by epochs, steps, images or time"),
    Binding("slash", "find", "find", key_display="/", tooltip="search the log"),
    Binding("y", "log_y", "log y", tooltip="the loss on a logarithmic axis, or as it is"),
    Binding(
        "plus,equals_sign",
        "zoom(1.5)",
        "zoom in",
        show=False,
        tooltip="look closer at the x axis (or the mouse wheel)",
    ),
    Binding(
        "minus",
        "zoom(0.6666666666666667)",
        "zoom out",
        show=False,
        tooltip="step back from the x axis (or the mouse wheel)",
    ),
    Binding("0", "zoom(0)", "show all", show=False, tooltip="show all of the x axis"),
    Binding(
        "left_square_bracket,shift+left",
        "pan(-0.25)",
        "pan left",
        show=False,
        tooltip="move along the x axis to the left (or drag it)",
    ),
    Binding(
        "right_square_bracket,shift+right",
        "pan(0.25)",
        "pan right",
        show=False,
        tooltip="move along the x axis to the right (or drag it)",
    ),
    Binding(
        "left",
        "cursor(-1)",
        "cursor left",
        show=False,
        tooltip="read values at a cursor, move it to the left (or the mouse)",
    ),
    Binding(
        "right",
        "cursor(1)",
        "cursor right",
        show=False,
        tooltip="read values at a cursor, move it to the right (or the mouse)",
    ),
    Binding("escape", "leave", "leave", show=False, tooltip="end the search, or hide the cursor"),
]
