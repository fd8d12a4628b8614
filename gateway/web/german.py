"""The dashboard's words in German, by their English; a test finds what a template says and this lacks."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

GERMAN: Final[Mapping[str, str]] = MappingProxyType(
    {
        # frame
        "Skip to the content": "Zum Inhalt springen",
        "Pages": "Seiten",
        "Overview": "Übersicht",
        "Jobs": "Aufträge",
        "Try a mail": "Mail ausprobieren",
        "Test fax": "Testfax",
        "Policy": "Regeln",
        "Covers": "Deckblätter",
        "Settings": "Einstellungen",
        "Audit log": "Protokoll",
        "Log in": "Anmelden",
        "Log out": "Abmelden",
        "Name": "Name",
        "Password": "Passwort",
        "viewer": "Betrachter",
        "operator": "Operator",
        "admin": "Administrator",
        "Times are UTC.": "Zeiten sind UTC.",
        "Times are those of {zone}.": "Zeiten sind die von {zone}.",
        "To the overview": "Zur Übersicht",
        # login and what goes wrong
        "Name or password is wrong.": "Name oder Passwort ist falsch.",
        "This login is for sending mail only.": "Mit dieser Anmeldung lassen sich nur Mails senden.",
        "Too many failed logins: please try again later.": (
            "Zu viele misslungene Anmeldungen: bitte versuchen Sie es später noch einmal."
        ),
        "The form was too old: please try again.": "Das Formular war zu alt: bitte versuchen Sie es noch einmal.",
        "The form could not be read.": "Das Formular war nicht lesbar.",
        "This page is not for you": "Diese Seite ist nicht für Sie",
        "Your login's role does not reach so far.": "Die Rolle Ihrer Anmeldung reicht nicht so weit.",
        "Nothing was done": "Es ist nichts geschehen",
        "The form is too old or from elsewhere: go back and try again.": (
            "Das Formular ist zu alt oder nicht von hier: gehen Sie zurück und versuchen Sie es noch einmal."
        ),
        "There is no such page": "Diese Seite gibt es nicht",
        "It may have been removed since.": "Vielleicht wurde sie inzwischen entfernt.",
        "There is no such job": "Diesen Auftrag gibt es nicht",
        "Its rows may have been purged (retention.rows).": "Vielleicht wurde er schon gelöscht (retention.rows).",
        "You have no login here": "Sie haben hier keine Anmeldung",
        "Your name is known to the proxy, but not to this gateway. Ask its administrator (fax-gateway users add).": (
            "Der Proxy kennt Ihren Namen, dieses Gateway nicht. "
            "Fragen Sie seinen Administrator (fax-gateway users add)."
        ),
        "That did not work": "Das hat nicht geklappt",
        "The fault is the gateway's; its log says more. Mails and faxes go on.": (
            "Der Fehler liegt beim Gateway; mehr steht in seinem Log. Mails und Faxe gehen weiter."
        ),
        "a form is wanted": "erwartet wird ein Formular",
        "a form with a file is wanted": "erwartet wird ein Formular mit einer Datei",
        "the form can't be read": "das Formular ist nicht lesbar",
        # states
        "received": "angenommen",
        "prepared": "vorbereitet",
        "submitting": "wird übergeben",
        "submitted": "übergeben",
        "held": "angehalten",
        "in doubt": "zweifelhaft",
        "sent": "gesendet",
        "partly sent": "teilweise gesendet",
        "failed": "gescheitert",
        "cancelled": "abgebrochen",
        "expired": "abgelaufen",
        "unknown": "ungewiss",
        # events
        "unpreparable": "nicht vorzubereiten",
        "started": "Übergabe begonnen",
        "not arrived": "nicht angekommen",
        "misconfigured": "Zugang abgelehnt",
        "rejected": "abgelehnt",
        "split": "geteilt",
        "split from": "geteilt aus",
        "accepted": "vom Faxdienst angenommen",
        "accepted earlier": "schon früher angenommen",
        "perhaps arrived": "vielleicht angekommen",
        "found": "gefunden",
        "reported sent": "Bericht: gesendet",
        "reported partly": "Bericht: teilweise gesendet",
        "reported failed": "Bericht: gescheitert",
        "report overdue": "Bericht überfällig",
        "released": "freigegeben",
        "restored": "aus einer Sicherung",
        "erased": "gelöscht",
        "legal hold": "Löschsperre",
        "legal hold removed": "Löschsperre aufgehoben",
        "retried": "noch einmal gesendet",
        "retry of": "Wiederholung von",
        "delayed": "verspätet",
        "no word": "keine Nachricht",
        "changed": "Dokument geändert",
        # words to the sender
        "doubt": "ungewiss",
        "result": "Ergebnis",
        "perhaps": "vielleicht angekommen",
        "resolved": "aufgeklärt",
        "outcome": "Ausgang",
        # overview
        "Queue": "Warteschlange",
        "the oldest {age}": "der älteste {age}",
        "words to senders wait": "Nachrichten an Absender warten",
        "The last hour": "Die letzte Stunde",
        "The last day": "Der letzte Tag",
        "Faxes of the last hour": "Faxe der letzten Stunde",
        "Faxes of the last day": "Faxe des letzten Tages",
        "{n} received": "{n} angenommen",
        "{n} sent": "{n} gesendet",
        "{n} partly or unknown": "{n} teilweise oder ungewiss",
        "{n} failed": "{n} gescheitert",
        "{n} cancelled": "{n} abgebrochen",
        "Not delivered in the last day": "Am letzten Tag nicht zugestellt",
        "Faxes": "Faxe",
        "Status": "Status",
        "What it means": "Was es bedeutet",
        "It ended without a report.": "Es endete ohne Bericht.",
        "Nothing: every fax that ended arrived.": "Nichts: jedes beendete Fax kam an.",
        "Ended, all that are kept": "Beendet, alle vorhandenen",
        "Data centres": "Rechenzentren",
        "list of reports last read {age} ago": "Liste der Berichte zuletzt vor {age} gelesen",
        "None was asked for its list of reports yet.": "Keines wurde bisher nach seiner Liste der Berichte gefragt.",
        "Emergency stop": "Notbremse",
        "Pause submission": "Übergabe anhalten",
        "Resume submission": "Übergabe fortsetzen",
        "Refuse mail for now": "Vorerst keine Mails annehmen",
        "Accept mail again": "Mails wieder annehmen",
        "No mail is accepted": "Es werden keine Mails angenommen",
        "No fax is submitted": "Es werden keine Faxe übergeben",
        "paused by {who}": "angehalten von {who}",
        "Submission is paused by the setting delivery.paused: faxes wait.": (
            "Die Übergabe ist durch die Einstellung delivery.paused angehalten: Faxe warten."
        ),
        (
            "It holds within two seconds, and over a restart. Mail that is refused stays with its sender's server, "
            "which tries again."
        ): (
            "Sie wirkt binnen zwei Sekunden und über einen Neustart hinaus. Abgewiesene Mails bleiben beim Server "
            "des Absenders, der es wieder versucht."
        ),
        # list
        "Search": "Suchen",
        "Number, sender, id, Message-ID, queue id": "Nummer, Absender, Id, Message-ID, Queue-Id",
        "State": "Zustand",
        "any": "alle",
        "More filters": "Weitere Filter",
        "Sender, like *@example.com": "Absender, etwa *@example.com",
        "Number, like +4989*": "Nummer, etwa +4989*",
        "From (UTC)": "Von (UTC)",
        "Until (UTC)": "Bis (UTC)",
        "Show all": "Alle zeigen",
        "Choose": "Auswählen",
        "Choose job {id}": "Auftrag {id} auswählen",
        "Received": "Angenommen",
        "To": "An",
        "From": "Von",
        "Subject": "Betreff",
        "Job": "Auftrag",
        "What to do with the chosen jobs": "Was mit den ausgewählten Aufträgen geschehen soll",
        "Pages of the list": "Seiten der Liste",
        "Newest": "Neueste",
        "Newer": "Neuere",
        "Older": "Ältere",
        "No job fits.": "Kein Auftrag passt.",
        "No job yet. The first mail to a fax address makes one.": (
            "Noch kein Auftrag. Die erste Mail an eine Faxadresse macht einen."
        ),
        # job
        "Recipients": "Empfänger",
        "no result yet": "noch kein Ergebnis",
        "no report": "kein Bericht",
        "answered as": "meldete sich als",
        "Story": "Verlauf",
        "Words to the sender": "Nachrichten an den Absender",
        "to": "an",
        "refused": "abgewiesen",
        "waits": "wartet",
        "next try": "nächster Versuch",
        "Its text": "Ihr Text",
        "None of ours. The fax service reports by mail itself.": (
            "Keine von uns. Der Faxdienst berichtet selbst per Mail."
        ),
        "None yet.": "Noch keine.",
        "Facts": "Angaben",
        "Received from": "Angenommen von",
        "Relay's queue id": "Queue-Id des Relays",
        "Not before": "Nicht vor",
        "Attempts": "Versuche",
        "Last attempt": "Letzter Versuch",
        "Valid until": "Gültig bis",
        "Fax service's jobId": "jobId des Faxdienstes",
        "Data centre": "Rechenzentrum",
        "Comes from job": "Kommt von Auftrag",
        "Sent on as": "Weiter als",
        "Documents": "Dokumente",
        "Show the pages": "Seiten zeigen",
        "Mail as it came": "Mail, wie sie kam",
        "Who looks at pages, documents or the mail stands in the audit log.": (
            "Wer Seiten, Dokumente oder die Mail ansieht, steht im Protokoll."
        ),
        "They have not been made yet.": "Sie sind noch nicht gemacht.",
        "Its documents have not been made yet.": "Seine Dokumente sind noch nicht gemacht.",
        "Its bytes are gone: they were kept as long as retention.content wants.": (
            "Der Inhalt ist gelöscht: er wurde so lange aufgehoben, wie retention.content es will."
        ),
        "The mail is gone": "Die Mail ist gelöscht",
        "Request to the fax service, without document data": "Anfrage an den Faxdienst, ohne Inhalt der Dokumente",
        # pages
        "Pages as the recipient's machine prints them": "Seiten, wie das Gerät des Empfängers sie druckt",
        "Page {n}": "Seite {n}",
        "Page {n} of {count}": "Seite {n} von {count}",
        "All pages": "Alle Seiten",
        "Page by page": "Seite für Seite",
        "Whole page": "Ganze Seite",
        "Dot by dot": "Punkt für Punkt",
        "Enlarged": "Vergrößert",
        # actions
        "Send again": "Noch einmal senden",
        "Cancel": "Abbrechen",
        "Cancel the faxes": "Faxe abbrechen",
        "Hold": "Anhalten",
        "Release": "Freigeben",
        "Nothing was chosen": "Es war nichts ausgewählt",
        "Tick the jobs first.": "Haken Sie zuerst Aufträge an.",
        "A new job is made for those recipients who do not have the fax; the old one stays as it is.": (
            "Für die Empfänger, die das Fax nicht haben, entsteht ein neuer Auftrag; der alte bleibt, wie er ist."
        ),
        "It is not sent, and its sender is told so. This can't be undone.": (
            "Es wird nicht gesendet, und der Absender erfährt das. Das lässt sich nicht rückgängig machen."
        ),
        "It is not submitted until it is released; its deadline goes on.": (
            "Es wird nicht übergeben, bis es freigegeben wird; seine Frist läuft weiter."
        ),
        "It goes on where it was held.": "Es geht weiter, wo es angehalten wurde.",
        "Not possible": "Nicht möglich",
        "New job to": "Neuer Auftrag an",
        "The fax has perhaps arrived already. Ask the recipient first.": (
            "Das Fax ist vielleicht schon angekommen. Fragen Sie zuerst den Empfänger."
        ),
        "I asked, or accept that it arrives twice: send it again.": (
            "Ich habe gefragt oder nehme hin, dass es zweimal ankommt: noch einmal senden."
        ),
        "I asked, or accept that it arrives twice: release it.": (
            "Ich habe gefragt oder nehme hin, dass es zweimal ankommt: freigeben."
        ),
        "It comes from a backup of before it was perhaps faxed. Ask the recipient first.": (
            "Es kommt aus einer Sicherung und wurde seither vielleicht gefaxt. Fragen Sie zuerst den Empfänger."
        ),
        "Leave it": "Lassen",
        "What came of it": "Was daraus wurde",
        "Nothing was done.": "Es ist nichts geschehen.",
        "To the jobs": "Zu den Aufträgen",
        "it is being submitted at this moment: try again in a minute": (
            "es wird gerade übergeben: versuchen Sie es in einer Minute noch einmal"
        ),
        "the fax service has it: only its portal can cancel it now": (
            "der Faxdienst hat es: nur sein Portal kann es jetzt abbrechen"
        ),
        "it perhaps is at the fax service: only its portal can cancel it now": (
            "es ist vielleicht beim Faxdienst: nur sein Portal kann es jetzt abbrechen"
        ),
        "every recipient has the fax": "jeder Empfänger hat das Fax",
        "its documents have been purged: ask its sender for the mail": (
            "seine Dokumente sind gelöscht: bitten Sie den Absender um die Mail"
        ),
        "it has moved on since you were asked: look at it again": (
            "es hat sich inzwischen bewegt: sehen Sie noch einmal nach"
        ),
        "cancelled; its sender is told": "abgebrochen; der Absender erfährt es",
        "held until it is released; its deadline goes on": "angehalten bis zur Freigabe; seine Frist läuft weiter",
        # try and test
        "Shows what would be sent of a mail. Nothing is sent, and nothing of it is kept.": (
            "Zeigt, was von einer Mail gesendet würde. Nichts wird gesendet, und nichts davon wird aufgehoben."
        ),
        "The mail, an .eml file: choose it, or drop it here": (
            "Die Mail, eine .eml-Datei: auswählen oder hier ablegen"
        ),
        "Choose a mail: a file that your mail program saved as .eml.": (
            "Wählen Sie eine Mail: eine Datei, die Ihr Mailprogramm als .eml gespeichert hat."
        ),
        "Recipients, with commas between them (none: a number that is sure to be one)": (
            "Empfänger, mit Kommas dazwischen (keiner: eine Nummer, die sicher eine ist)"
        ),
        "Sender (none: the mail's From)": "Absender (keiner: From der Mail)",
        "Try it": "Ausprobieren",
        "Would go to": "Ginge an",
        "Its pages can't be shown:": "Seine Seiten lassen sich nicht zeigen:",
        "This is sent for real, like a mail of that sender, and costs what a fax costs.": (
            "Das wird wirklich gesendet, wie eine Mail dieses Absenders, und kostet, was ein Fax kostet."
        ),
        "Fax number": "Faxnummer",
        "Sender, who is told of the result": "Absender, der das Ergebnis erfährt",
        "Text": "Text",
        "Send the fax": "Fax senden",
        "A number, and a mail address that is told of the result, are needed.": (
            "Nötig sind eine Nummer und eine Mailadresse, die das Ergebnis erfährt."
        ),
        # policy, covers, settings
        "Who may fax to which number, and which rule says so.": (
            "Wer an welche Nummer faxen darf und welche Regel das sagt."
        ),
        "Sender": "Absender",
        "Number, fax address or name of the address book": "Nummer, Faxadresse oder Name aus dem Adressbuch",
        "More about the sender": "Mehr über den Absender",
        "Logged in as (SMTP AUTH)": "Angemeldet als (SMTP AUTH)",
        "Address of the client": "Adresse des Clients",
        "Header From, where it isn't the sender": "From der Mail, wo es nicht der Absender ist",
        "This is the postmaster's address: no fax.": "Das ist die Adresse des Postmasters: kein Fax.",
        "Rules that were looked at": "Geprüfte Regeln",
        "What it says": "Was sie sagt",
        "Result": "Ergebnis",
        "passed": "erfüllt",
        "decides": "entscheidet",
        "Ask": "Fragen",
        "may be faxed to": "darf angefaxt werden",
        "Refused": "Abgewiesen",
        "Rule": "Regel",
        "Profile": "Profil",
        "none": "keines",
        "Template": "Vorlage",
        "the usual one": "die übliche",
        "Language": "Sprache",
        "English": "Englisch",
        "German": "Deutsch",
        "Show": "Zeigen",
        "It names the recipient: each recipient gets a job of its own.": (
            "Sie nennt den Empfänger: jeder Empfänger bekommt einen eigenen Auftrag."
        ),
        "The cover {name} with made-up data, in black and white": (
            "Das Deckblatt {name} mit erfundenen Daten, schwarzweiß"
        ),
        "As the daemon has loaded them, each with where it comes from; to change them, edit its configuration.": (
            "Wie der Dienst sie geladen hat, jede mit ihrer Herkunft; zum Ändern bearbeiten Sie seine Konfiguration."
        ),
        "Try a sender and a number": "Einen Absender und eine Nummer ausprobieren",
        "where this value comes from": "woher dieser Wert kommt",
        "default": "Vorgabe",
        "built in": "eingebaut",
        "Address book": "Adressbuch",
        "Empty: recipients are written as numbers.": "Leer: Empfänger werden als Nummern geschrieben.",
        "Top level": "Oberste Ebene",
        "{count} set": "{count} gesetzt",
        "Profiles": "Profile",
        "None: all senders are treated alike.": "Keine: alle Absender werden gleich behandelt.",
        # audit
        "Login": "Anmeldung",
        "When": "Wann",
        "Who": "Wer",
        "Where from": "Woher",
        "What": "Was",
        "Detail": "Einzelheit",
        "Nothing yet.": "Noch nichts.",
        "login": "Anmeldung",
        "erase": "gelöscht",
        "erase refused": "Löschen: abgelehnt",
        "backup": "Sicherung gemacht",
        "restore": "Sicherung eingespielt",
        "page": "Seite angesehen",
        "document": "Dokument geholt",
        "mail": "Mail geholt",
        "try": "Mail ausprobiert",
        "test fax": "Testfax",
        "retry": "noch einmal gesendet",
        "cancel": "abgebrochen",
        "hold": "angehalten",
        "release": "freigegeben",
        "retry refused": "noch einmal senden: abgelehnt",
        "cancel refused": "Abbrechen: abgelehnt",
        "hold refused": "Anhalten: abgelehnt",
        "release refused": "Freigeben: abgelehnt",
        "pause": "Notbremse gezogen",
        "resume": "Notbremse gelöst",
    }
)
