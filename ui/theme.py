"""How the app looks and what the server may do, as Streamlit options; given at start, so no file can undo them.

Colours are those of the GOV.UK palette, whose pairs pass WCAG AA; the font is what the machine has.
"""

from __future__ import annotations

PRODUCT = "Council AI document assistant"

FONT = 'Arial, Helvetica, "Liberation Sans", "DejaVu Sans", sans-serif'

TEXT = "#0b0c0c"
GREEN = "#00703c"
LINK = "#1d70b8"
EDGE = "#505a5f"

THEME: dict[str, object] = {
    "theme.base": "light",
    "theme.primaryColor": GREEN,
    "theme.backgroundColor": "#ffffff",
    "theme.secondaryBackgroundColor": "#f3f2f1",
    "theme.textColor": TEXT,
    "theme.linkColor": LINK,
    "theme.linkUnderline": True,
    "theme.borderColor": EDGE,
    "theme.showWidgetBorder": True,
    "theme.baseRadius": "none",
    "theme.buttonRadius": "none",
    "theme.font": FONT,
    "theme.headingFont": FONT,
    "theme.baseFontSize": 18,
    "theme.headingFontSizes": ["2rem", "1.5rem", "1.2rem"],
    "theme.headingFontWeights": [700, 700, 700],
    "theme.paddingTop": "4rem",
    **{f"theme.{colour}TextColor": TEXT for colour in ("blue", "green", "red", "yellow")},  # of messages
}

PRIVACY: dict[str, object] = {
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "none",  # a traceback may hold words of a document
    "client.showErrorLinks": False,  # they lead to search engines
    "client.toolbarMode": "minimal",
    "server.enableAgentApi": False,
    "server.enableCORS": True,
    "server.enableStaticServing": False,
    "server.enableXsrfProtection": True,
    "server.fileWatcherType": "none",
    "server.headless": True,
    "server.showEmailPrompt": False,
}


def options(address: str, port: int, max_upload_megabytes: int) -> dict[str, object]:
    """All Streamlit options of a server at `address` and `port`."""
    return {
        **THEME,
        **PRIVACY,
        "browser.serverAddress": address,
        "server.address": address,
        "server.allowedHosts": [address, "localhost"],
        "server.maxUploadSize": max_upload_megabytes,
        "server.port": port,
    }
