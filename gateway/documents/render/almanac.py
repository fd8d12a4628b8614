"""Names of months and weekdays for header lines.

strftime's names follow the process's locale, and a bare machine has only C. A short form is the first letters.
"""

from datetime import date

_MONTHS = {
    "de": ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
           "Dezember"),
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December"),
    "es": ("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
           "noviembre", "diciembre"),
    "fr": ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
           "décembre"),
    "it": ("gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre",
           "novembre", "dicembre"),
}  # fmt: skip
_WEEKDAYS = {
    "de": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "it": ("lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"),
}
# Letters of the short forms. French months need four: juin and juil differ in the fourth.
_SHORT_MONTH = {"fr": 4}
_SHORT_WEEKDAY = {"de": 2}
_OTHERWISE = 3


def month_name(day: date, language: str, *, short: bool = False) -> str:
    """`language` is an ISO 639-1 code; one that isn't here is taken as English."""
    names = _MONTHS.get(language, _MONTHS["en"])
    return names[day.month - 1][: _SHORT_MONTH.get(language, _OTHERWISE) if short else None]


def weekday_name(day: date, language: str, *, short: bool = False) -> str:
    """`language` is an ISO 639-1 code; one that isn't here is taken as English."""
    names = _WEEKDAYS.get(language, _WEEKDAYS["en"])
    return names[day.weekday()][: _SHORT_WEEKDAY.get(language, _OTHERWISE) if short else None]
