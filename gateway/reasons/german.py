"""Reasons in German, by the English that stands in the spool; a test finds what the code says beyond it.

What stands in braces is taken over (matching.py): a number or a word as it is, `said` in German or as a quotation,
`document` with our NAMES in German, `what` by KINDS, `why` by REWRITES.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# Why a document can't be faxed: what follows its name. "sie" is the file or the mail.
PREDICATES: Final[Mapping[str, str]] = MappingProxyType(
    {
        # any document
        "is empty: not a byte of it has come; send it again": (
            "ist leer: es ist nicht ein Byte davon angekommen; bitte senden Sie sie noch einmal"
        ),
        "is {what}, which can't be faxed; send it as a PDF": (
            "ist {what} und lässt sich nicht faxen; bitte senden Sie ein PDF"
        ),
        "is {what}, which can't be faxed; send the files themselves": (
            "ist {what} und lässt sich nicht faxen; bitte senden Sie die Dateien selbst"
        ),
        "takes too long to be opened": "lässt sich nicht schnell genug öffnen",
        "can't be opened: it would take too long": "lässt sich nicht öffnen: es würde zu lange dauern",
        "can't be opened: it breaks the program that reads it": (
            "lässt sich nicht öffnen: das Programm dafür stürzt dabei ab"
        ),
        "needs too much memory to be opened": "braucht zu viel Speicher, um geöffnet zu werden",
        "has {count} pages when it is printed; at most {most} can be faxed in one job": (
            "hat beim Drucken {count} Seiten; in einem Auftrag lassen sich höchstens {most} faxen"
        ),
        # PDF
        "is a damaged PDF": "ist ein beschädigtes PDF",
        "is a damaged PDF, and parts of it are missing; send it again": (
            "ist ein beschädigtes PDF, von dem Teile fehlen; bitte senden Sie es noch einmal"
        ),
        "is a PDF without pages": "ist ein PDF ohne Seiten",
        "is a PDF whose pages would unfold to more than anybody can print": (
            "ist ein PDF, dessen Seiten entpackt mehr ergäben, als sich drucken lässt"
        ),
        "is encrypted and can't be opened without its password; send it without one": (
            "ist verschlüsselt und lässt sich ohne Passwort nicht öffnen; bitte senden Sie sie ohne Passwort"
        ),
        "is an interactive form (XFA) whose pages only Adobe's programs can draw; print it to a PDF first": (
            "ist ein interaktives Formular (XFA), dessen Seiten nur Programme von Adobe zeichnen können; "
            "bitte drucken Sie es zuerst in ein PDF"
        ),
        # TIFF and other pictures
        "is a damaged TIFF": "ist ein beschädigtes TIFF",
        "is a damaged TIFF (page {page})": "ist ein beschädigtes TIFF (Seite {page})",
        "is no TIFF or a damaged one": "ist kein TIFF oder ein beschädigtes",
        "is a damaged picture": "ist ein beschädigtes Bild",
        "has more than {most} pages": "hat mehr als {most} Seiten",
        "has more than {most} million pixels": "hat mehr als {most} Millionen Pixel",
        "has {width} x {height} pixels; at most {most} million can be faxed": (
            "hat {width} x {height} Pixel; höchstens {most} Millionen lassen sich faxen"
        ),
        "has more pixels than can be opened": "hat mehr Pixel, als sich öffnen lassen",
        "has more pixels than can be opened (page {page})": "hat mehr Pixel, als sich öffnen lassen (Seite {page})",
        "is a page that can't be printed": "ist eine Seite, die sich nicht drucken lässt",
        # office programs
        "is a damaged office document": "ist ein beschädigtes Office-Dokument",
        "is encrypted and can't be opened without its password; send it without one, or as a PDF": (
            "ist verschlüsselt und lässt sich ohne Passwort nicht öffnen; "
            "bitte senden Sie sie ohne Passwort oder als PDF"
        ),
        "is no document of Word, Excel, PowerPoint or OpenDocument; send it as a PDF": (
            "ist kein Dokument von Word, Excel, PowerPoint oder OpenDocument; bitte senden Sie ein PDF"
        ),
        "is an office document that would unfold to more than anybody can print": (
            "ist ein Office-Dokument, das entpackt mehr ergäbe, als sich drucken lässt"
        ),
        "is an office document with XML entities, which no office program writes; it was not opened": (
            "ist ein Office-Dokument mit XML-Entitäten, wie sie kein Office-Programm schreibt; es wurde nicht geöffnet"
        ),
        "can't be faxed here: LibreOffice is not installed; send it as a PDF": (
            "lässt sich hier nicht faxen: LibreOffice ist nicht installiert; bitte senden Sie ein PDF"
        ),
        "can't be converted: LibreOffice fails over it; send it as a PDF": (
            "lässt sich nicht umwandeln: LibreOffice scheitert daran; bitte senden Sie ein PDF"
        ),
        "can't be converted: LibreOffice takes too long for it; send it as a PDF": (
            "lässt sich nicht umwandeln: LibreOffice braucht zu lange dafür; bitte senden Sie ein PDF"
        ),
        # archives
        "is a damaged ZIP archive": "ist ein beschädigtes ZIP-Archiv",
        "is an encrypted ZIP archive and can't be opened without its password": (
            "ist ein verschlüsseltes ZIP-Archiv und lässt sich ohne Passwort nicht öffnen"
        ),
        "is a ZIP archive with nothing in it that could be faxed": (
            "ist ein ZIP-Archiv, in dem nichts ist, was sich faxen ließe"
        ),
        "is a ZIP archive that holds another archive; send the files themselves": (
            "ist ein ZIP-Archiv mit einem weiteren Archiv darin; bitte senden Sie die Dateien selbst"
        ),
        "is a ZIP archive that is packed in an unusual way; pack it anew or send the files themselves": (
            "ist ein auf ungewöhnliche Weise gepacktes ZIP-Archiv; "
            "bitte packen Sie es neu oder senden Sie die Dateien selbst"
        ),
        "is a ZIP archive with too many files; at most {most} can be faxed in one job": (
            "ist ein ZIP-Archiv mit zu vielen Dateien; in einem Auftrag lassen sich höchstens {most} faxen"
        ),
        "is a ZIP archive that unfolds too far; at most {most} MB can be faxed in one job": (
            "ist ein ZIP-Archiv, das entpackt zu groß wird; in einem Auftrag lassen sich höchstens {most} MB faxen"
        ),
        "is an office document under a wrong name; send it under its own": (
            "ist ein Office-Dokument unter falschem Namen; bitte senden Sie es unter seinem richtigen"
        ),
        # what Outlook packs
        "is a winmail.dat that can't be read; ask its sender to send the mail as plain text or HTML": (
            "ist eine winmail.dat, die sich nicht lesen lässt; "
            "bitten Sie ihren Absender, die Mail als Nur-Text oder HTML zu senden"
        ),
        "is a damaged winmail.dat; ask its sender to send the mail as plain text or HTML": (
            "ist eine beschädigte winmail.dat; bitten Sie ihren Absender, die Mail als Nur-Text oder HTML zu senden"
        ),
        "is a winmail.dat with more than {most} attachments": "ist eine winmail.dat mit mehr als {most} Anlagen",
        "is a winmail.dat with more than {most} MB": "ist eine winmail.dat mit mehr als {most} MB",
        # a mail, or one that is attached
        "has a subject, but no text and no document: write a text or attach a document": (
            "hat einen Betreff, aber weder Text noch Dokument: "
            "bitte schreiben Sie einen Text oder hängen Sie ein Dokument an"
        ),
        "has neither subject, text nor document: write a text or attach a document": (
            "hat weder Betreff noch Text noch Dokument: bitte schreiben Sie einen Text oder hängen Sie ein Dokument an"
        ),
        "has too many documents; at most {most} can be faxed in one job": (
            "hat zu viele Dokumente; in einem Auftrag lassen sich höchstens {most} faxen"
        ),
        "has {count} pages; at most {most} can be faxed in one job": (
            "hat {count} Seiten; in einem Auftrag lassen sich höchstens {most} faxen"
        ),
        "have more than {most} MB, the most that is faxed in one job": (
            "haben mehr als {most} MB, mehr wird in einem Auftrag nicht gefaxt"
        ),
        "are attached to each other more than {most} times; send the files themselves": (
            "sind mehr als {most} Mal ineinander angehängt; bitte senden Sie die Dateien selbst"
        ),
        "has {count} parts; at most {most} are read": "hat {count} Teile; höchstens {most} werden gelesen",
        "has more than {most} parts": "hat mehr als {most} Teile",
        "has a header of more than {most} KB": "hat einen Kopf von mehr als {most} KB",
        "are nested deeper than {most} levels": "sind tiefer als {most} Ebenen ineinander verschachtelt",
        "is damaged and too large to be mended": "ist beschädigt und zu groß, um repariert zu werden",
        "is a piece of a mail that was cut up (message/partial); send it whole": (
            "ist ein Stück einer zerteilten Mail (message/partial); bitte senden Sie sie als Ganzes"
        ),
        "is encrypted ({by}) and can't be opened here; send it unencrypted": (
            "ist verschlüsselt ({by}) und lässt sich hier nicht öffnen; bitte senden Sie sie unverschlüsselt"
        ),
        "is encrypted (PGP) and can't be read here; send it unencrypted": (
            "ist verschlüsselt (PGP) und lässt sich hier nicht lesen; bitte senden Sie ihn unverschlüsselt"
        ),
        "holds too much in signed or packed parts (S/MIME); send it without them": (
            "enthält zu viel in signierten oder gepackten Teilen (S/MIME); bitte senden Sie sie ohne diese"
        ),
        "has too many signed or packed parts (S/MIME)": "hat zu viele signierte oder gepackte Teile (S/MIME)",
        "has signed parts (S/MIME) that are nested too deep": (
            "hat signierte Teile (S/MIME), die zu tief verschachtelt sind"
        ),
    }
)

# What we call a thing that has no name of its own.
NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "the mail": "die Mail",
        "the mail's text": "der Text der Mail",
        "the mail's parts": "die Teile der Mail",
        "the mail's documents": "die Dokumente der Mail",
        "the mail's structure": "der Aufbau der Mail",
        "mails": "Mails",
        "the cover": "das Deckblatt",
        "a file": "eine Datei",
        "a document": "ein Dokument",
        "an attachment": "eine Anlage",
        "attachment {number}": "Anlage {number}",
    }
)

# What a document is (documents/sniff.py).
KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "an SVG drawing": "eine SVG-Zeichnung",
        "a ZIP archive": "ein ZIP-Archiv",
        "a gzip archive": "ein gzip-Archiv",
        "a winmail.dat of Outlook": "eine winmail.dat von Outlook",
        "a message that Outlook has saved": "eine von Outlook gespeicherte Nachricht",
        "a Java archive": "ein Java-Archiv",
        "an electronic book": "ein elektronisches Buch",
        "a PostScript document": "ein PostScript-Dokument",
        "a program": "ein Programm",
        "a forwarded mail": "eine weitergeleitete Mail",
        "of the type {type}": "vom Typ {type}",
    }
)

# What of a mail is not on its fax, or not as it came: clauses, after the event "changed" or on a cover.
CHANGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        # left out
        "{document}: empty": "{document}: leer",
        "{document}: a text without a word": "{document}: ein Text ohne ein Wort",
        "{document}: a mail without header and text": "{document}: eine Mail ohne Kopf und Text",
        "{document}: a small picture that the text doesn't show": (
            "{document}: ein kleines Bild, das der Text nicht zeigt"
        ),
        "{document}: a resource fork": "{document}: ein Ressourcenzweig",
        "{document}: its content is not in the mail": "{document}: der Inhalt ist nicht in der Mail",
        "{document}: left by the system that packed the archive": (
            "{document}: vom System, auf dem das Archiv gepackt wurde"
        ),
        "{document}: the text says the same": "{document}: der Text sagt dasselbe",
        "{document}: cover.drop_body is set": "{document}: cover.drop_body ist gesetzt",
        "{document}: it is a quote, a signature or a disclaimer and nothing else": (
            "{document}: er ist nur ein Zitat, eine Signatur oder ein Haftungsausschluss"
        ),
        "resource fork of {document}": "Ressourcenzweig ({document})",
        "the PGP signature of the text": "die PGP-Signatur des Textes",
        "signature around the mail's content": "Signatur um den Inhalt der Mail",
        "signature around {document}": "Signatur um {document}",
        "signature {document}": "Signatur {document}",
        "certificates {document}": "Zertifikate {document}",
        "public key {document}": "öffentlicher Schlüssel {document}",
        "winmail.dat has neither text nor attachments": "winmail.dat hat weder Text noch Anlagen",
        "the formatting of winmail.dat's text, which takes too long to read": (
            "die Formatierung des Textes in winmail.dat, die zu lesen zu lange dauert"
        ),
        "parts of winmail.dat could not be read": "Teile von winmail.dat waren nicht lesbar",
        "{count} pictures that the mail does not bring along": "{count} Bilder, die die Mail nicht mitbringt",
        # changed
        "{document}: blank pages have been left out; SHA-256 {before} became {after}": (
            "{document}: leere Seiten sind weggelassen; aus SHA-256 {before} wurde {after}"
        ),
        "{document}: lines that are longer than a page is wide have been wrapped": (
            "{document}: Zeilen, die länger sind, als eine Seite breit ist, sind umbrochen"
        ),
        "{document} is not sent as it came: {why}; SHA-256 {before} became {after}": (
            "{document} wird nicht so gesendet, wie es kam: {why}; aus SHA-256 {before} wurde {after}"
        ),
        "cover template {name} is broken, the bundled one was used: {said}": (
            "Deckblattvorlage {name} ist fehlerhaft, benutzt wurde die mitgelieferte: {said}"
        ),
        "{said}: it is sent as HTML, for the fax service to print": (
            "{said}: es wird als HTML gesendet, und der Faxdienst druckt es"
        ),
        "the header {name} is not known here, it was not heeded": (
            "das Kopffeld {name} ist hier nicht bekannt und wurde nicht beachtet"
        ),
    }
)

# What has been done to a document that is not sent as it came (documents/finding.py, Sound); several, with commas.
REWRITES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "it was damaged and has been repaired": "es war beschädigt und ist repariert",
        "its owner's password has been taken off": "das Passwort seines Eigentümers ist entfernt",
        "its XFA form has been taken out, the pages are as before": (
            "sein XFA-Formular ist entfernt, die Seiten sind wie zuvor"
        ),
        "the picture has been put on a page of a PDF": "das Bild ist auf eine Seite eines PDFs gesetzt",
        "the first of its pictures has been put on a page of a PDF": (
            "das erste seiner Bilder ist auf eine Seite eines PDFs gesetzt"
        ),
        "it has been made a PDF": "es ist in ein PDF umgewandelt",
        "its pages have been drawn anew in black and white (Group 4)": (
            "seine Seiten sind in Schwarzweiß neu gezeichnet (Gruppe 4)"
        ),
    }
)

# What became of a job on its way to the fax service, and what the reports say; of a mail that was tried, its refusal. A
# status is HTTP's or, with an enhanced status code, SMTP's.
SENTENCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "the time that its sender set is over": "die Frist, die der Absender gesetzt hat, ist abgelaufen",
        "its answer came late": "die Antwort des Faxdienstes kam verspätet",
        "its submission broke": "die Übergabe an den Faxdienst ist abgebrochen",
        "the daemon stopped while it was being submitted": (
            "das Gateway wurde beendet, während es das Fax dem Faxdienst übergab"
        ),
        "restored from a backup of {day} {time} UTC": "aus einer Sicherung vom {day}, {time} UTC wiederhergestellt",
        "attempt {number}": "Versuch {number}",
        "from {client}": "von {client}",
        "internal error, see the log": "interner Fehler, siehe das Log",
        "internal error: {error}": "interner Fehler: {error}",
        "report {job} at {datacenter}": "Bericht {job} von {datacenter}",
        "report {job} by push": "Bericht {job}, vom Faxdienst zugesandt",
        "no connection: {said}": "keine Verbindung: {said}",
        "the connection broke before the request was sent whole: {said}": (
            "die Verbindung brach ab, bevor die Anfrage ganz gesendet war: {said}"
        ),
        "no readable answer to the whole request: {said}": "keine lesbare Antwort auf die ganze Anfrage: {said}",
        "TimeoutError": "Zeitüberschreitung",
        "TimeoutError: no connection within {time}": "aufgegeben nach {time}",
        "TimeoutError: not done within {time}": "nicht fertig nach {time}",
        "the proxy answered {status} to CONNECT; check retarus.proxy_username and proxy_password": (
            "der Proxy antwortete auf CONNECT mit {status}; "
            "bitten Sie Ihren Administrator, retarus.proxy_username und proxy_password zu prüfen"
        ),
        "the proxy answered {status} to CONNECT; may we CONNECT to this host there?": (
            "der Proxy antwortete auf CONNECT mit {status}; "
            "bitten Sie Ihren Administrator zu prüfen, ob er zu diesem Host verbinden darf"
        ),
        "{said}, before the request was sent whole": "{said}, bevor die Anfrage ganz gesendet war",
        "{status} without a readable jobId": "{status} ohne lesbare Auftragsnummer",
        "accepted, and then told by DSN: {said}": "angenommen, und danach per DSN gemeldet: {said}",
        "{address} is no fax number": "{address} ist keine Faxnummer",
        "{status} {code} {said}": "{status} {code} {said}",
        "{status} {said}": "{status} {said}",
        "{status}": "{status}",
    }
)
