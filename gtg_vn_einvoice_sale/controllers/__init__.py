from . import buyer
