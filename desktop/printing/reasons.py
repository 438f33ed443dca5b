"""What a printer says of itself, in the ward's words (RFC 8011 §5.4.12, PWG 5100.9). Pure."""

from __future__ import annotations

from collections.abc import Iterable

# keyword without its severity -> words; what is not here is shown as sent, its hyphens as spaces
_WORDS = {
    "none": "",
    "media-jam": "paper jam",
    "media-empty": "no paper",
    "media-low": "paper nearly out",
    "media-needed": "wants paper",
    "media-path-cannot-duplex-media-selected": "cannot print both sides of this paper",
    "input-tray-missing": "tray not in",
    "output-tray-missing": "output tray not in",
    "output-area-full": "output tray full",
    "output-area-almost-full": "output tray nearly full",
    "cover-open": "cover open",
    "door-open": "door open",
    "interlock-open": "cover open",
    "interpreter-resource-unavailable": "printer out of memory",
    "toner-empty": "no toner",
    "toner-low": "toner nearly out",
    "marker-supply-empty": "no toner or ink",
    "marker-supply-low": "toner or ink nearly out",
    "marker-waste-full": "waste toner full",
    "marker-waste-almost-full": "waste toner nearly full",
    "developer-empty": "developer empty",
    "developer-low": "developer nearly out",
    "opc-near-eol": "drum nearly worn out",
    "opc-life-over": "drum worn out",
    "fuser-over-temp": "too hot",
    "fuser-under-temp": "warming up",
    "connecting-to-device": "looking for the printer",
    "timed-out": "printer does not answer",
    "offline": "printer is off or unplugged",
    "paused": "paused",
    "moving-to-paused": "pausing",
    "shutdown": "printer is off",
    "stopping": "stopping",
    "stopped-partly": "partly stopped",
    "spool-area-full": "printer's memory full",
    "cups-missing-filter": "print service lacks its filter",
    "cups-insecure-filter": "print service refuses its filter",
    "cups-waiting-for-job-completed": "",
    "cups-remote-pending": "",
    "cups-remote-processing": "",
    "identify-printer-requested": "",
    "other": "needs attention",
}
# These stand in front of a sheet: the ward must do something before anything comes out.
_STOPPING = frozenset(
    {
        "media-jam",
        "media-empty",
        "media-needed",
        "input-tray-missing",
        "output-area-full",
        "cover-open",
        "door-open",
        "interlock-open",
        "toner-empty",
        "marker-supply-empty",
        "offline",
        "paused",
        "shutdown",
        "timed-out",
    }
)


def bare(keyword: str) -> str:
    """The keyword without `-report`, `-warning` or `-error`."""
    for tail in ("-report", "-warning", "-error"):
        if keyword.endswith(tail):
            return keyword[: -len(tail)]
    return keyword


def reason_words(keywords: Iterable[str]) -> tuple[str, ...]:
    """What is wrong, the worst first, each once; () when nothing is."""
    told = [(k, _WORDS.get(bare(k), bare(k).replace("-", " "))) for k in keywords]
    told.sort(key=lambda pair: (is_stopping(pair[0]) is False, pair[0].endswith(("-report", "-warning"))))
    return tuple(dict.fromkeys(words for _, words in told if words))


def is_stopping(keyword: str) -> bool:
    """Whether nothing comes out while this stands (a mere warning of the same does not stop)."""
    return bare(keyword) in _STOPPING and not keyword.endswith(("-report", "-warning"))
