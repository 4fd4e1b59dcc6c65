"""`python -m cxrtui` is the same as `cxrtui`."""

from cxrtui.entry import main

if __name__ == "__main__":
    main()
