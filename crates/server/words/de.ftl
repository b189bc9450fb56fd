# German.

## Everywhere

title = { $page } · { $tenant }
title-alone = { $page } · Writ
made-with = Writ
foot-terms = Nutzungsbedingungen
foot-privacy = Datenschutz
foot-help = Hilfe
optional = (freiwillig)
back-to-sign-in = Zurück zur Anmeldung
continue-to = Weiter zu { $client }
problem-title = Das hat nicht geklappt
refused-title = Anfrage abgelehnt
what-to-do = Was Sie tun können
request-id = Kennung der Anfrage:
about-error = Für Entwickler: über diesen Fehler
refused-remedy = Sie wurden nicht zur Anwendung zurückgeleitet. Gehen Sie dorthin und versuchen Sie es noch einmal. Geschieht das wieder, schicken Sie diesen Text und die Kennung der Anfrage an die Betreiber der Anwendung.
failed-remedy = Das geht von selbst vorüber. Gehen Sie zurück und versuchen Sie es gleich noch einmal.
busy = Der Server ist ausgelastet. Warten Sie einen Moment und versuchen Sie es dann noch einmal.
old-form = Diese Seite war zu lange oder in einem anderen Fenster offen. Versuchen Sie es noch einmal.
password-hint = Mindestens 8 Zeichen. Ein paar ungewöhnliche Wörter merkt man sich leicht, und sie sind schwer zu erraten.
password-weak = Dieses Passwort ist zu leicht zu erraten.
password-weak-remedy = Nehmen Sie noch einige seltenere Wörter dazu.
show-password = Passwort anzeigen
caps-lock = Die Feststelltaste ist an.
strength-fair = Ausreichend
strength-good = Gut
strength-strong = Stark
copy = Kopieren
copy-codes = Codes kopieren
copy-key = Schlüssel kopieren
copied = Kopiert
too-long = Das ist zu lang.
birthdate-wrong = Schreiben Sie es als Jahr, Monat und Tag, etwa 1990-12-31.
language = Sprache

## What an application may

scope-openid = Sie anmelden und wissen, wer Sie sind
scope-profile = Ihren Namen und den Rest Ihres Profils sehen
scope-email = Ihre E-Mail-Adresse sehen
scope-address = Ihre Postanschrift sehen
scope-phone = Ihre Telefonnummer sehen
scope-offline-access = Den Zugriff behalten, während Sie nicht da sind
scope-roles = Sehen, welche Rollen Sie haben
scope-groups = Sehen, in welchen Gruppen Sie sind
scope-oauth-read = Clients, Scopes, Zustimmungen und Tokens lesen
scope-oauth-write = Clients, Scopes, Zustimmungen und Tokens ändern
scope-users-read = Benutzer und Rollen lesen
scope-users-write = Benutzer und Rollen ändern
scope-sessions-read = Anmeldungen lesen
scope-sessions-write = Anmeldungen beenden
scope-audit-read = Das Audit-Protokoll lesen
scope-keys-read = API-Schlüssel lesen
scope-keys-write = API-Schlüssel ändern
scope-tenants-read = Alle Mandanten lesen
scope-tenants-write = Alle Mandanten ändern
scope-clients-trust = Bestimmen, welchen Anwendungen vertraut wird, und diese ändern
scope-unnamed = Etwas, das sie nicht beschreibt

## Sign in

sign-in-title = Anmelden
sign-in-to = um mit { $client } fortzufahren
choose-title = Konto auswählen
signed-in-as = Sie sind angemeldet als { $name }
continue-as = Weiter als { $name }
or-somebody-else = oder als jemand anderes anmelden
prove-again = Geben Sie das Passwort von { $name } ein, um fortzufahren, oder melden Sie sich als jemand anderes an.
username-label = Benutzername oder E-Mail
password-label = Passwort
sign-in-button = Anmelden
forgot = Passwort vergessen?
no-account = Noch kein Konto?
register-link = Registrieren
not-signed-in = Benutzername oder Passwort stimmt nicht, oder Sie können sich gerade nicht anmelden.
not-signed-in-remedy = Prüfen Sie beides, oder setzen Sie ein neues Passwort.
unverified = Ihre E-Mail-Adresse ist noch nicht bestätigt.
unverified-remedy = Öffnen Sie den Link in der E-Mail, die wir Ihnen geschickt haben, und melden Sie sich dann an.
send-another-email = Noch eine E-Mail senden
too-many-sign-ins = Aus Ihrem Netz gab es zu viele fehlgeschlagene Anmeldungen.
wait-and-retry = Warten Sie einen Moment und versuchen Sie es dann noch einmal.
server-busy = Der Server ist ausgelastet.

## Requests that are over

unknown-challenge = Diese Anmeldung ist vorüber oder wurde in einem anderen Browser begonnen. So sieht es auch aus, wenn ein Browser keine Cookies behält.
unknown-challenge-remedy = Gehen Sie zurück zu der Anwendung, aus der Sie kommen, und melden Sie sich dort in diesem Browser noch einmal an.
over-answered = Sie haben { $client } schon geantwortet, und jede Anfrage wird einmal beantwortet.
over-answered-remedy = Machen Sie in { $client } weiter. Wenn Sie dort nicht hineinkommen, melden Sie sich dort noch einmal an.
over-late = Eine Anmeldung muss innerhalb von { $minutes } Minuten fertig sein, und diese war es nicht. { $client } hat nichts erfahren.
over-late-remedy = Gehen Sie zurück zu { $client } und melden Sie sich dort noch einmal an.
over-ended = Sie haben zugestimmt, aber bevor Sie zurückkamen, haben Sie sich abgemeldet, Ihr Passwort wurde geändert, oder Ihr Konto oder die Zustimmung wurde geändert. { $client } hat nichts erfahren.
over-somebody-else = Zugestimmt hat jemand anderes, als hier angemeldet ist. { $client } hat nichts erfahren.
over-somebody-else-remedy = Melden Sie sich ab. Gehen Sie dann zurück zu { $client } und melden Sie sich dort als die Person an, die es benutzen soll.
to-client = Zu { $client }
start-again = Bei { $client } neu anmelden

## Consent

consent-title = { $client } möchte Ihr Konto bei { $tenant } benutzen
use-another-account = Anderes Konto benutzen
consent-nothing = Es bittet nur um Ihre Zustimmung und um keine Daten.
consent-legend = Wenn Sie zustimmen, darf { $client }:
always-included = Immer dabei
nothing-ticked = Nichts ist ausgewählt. Wählen Sie aus, was { $client } haben darf, oder klicken Sie auf „Ablehnen“.
consent-return = Sie kehren zurück zu { $target }. Sie können Ihre Zustimmung jederzeit in { $account } zurücknehmen.
consent-return-app = Sie kehren zu einer Anwendung auf diesem Gerät zurück. Sie können Ihre Zustimmung jederzeit in { $account } zurücknehmen.
consent-more = { $count ->
    [one] 1 weitere Berechtigung
   *[other] { $count } weitere Berechtigungen
}
consent-added = Hinzugefügt von { $tenant }
consent-by-itself = Diese Anwendung hat sich selbst registriert. Niemand bei { $tenant } hat sie geprüft.
consent-by-document = Diese Anwendung beschreibt sich selbst unter { $host }. Niemand bei { $tenant } hat sie geprüft. Machen Sie nur weiter, wenn Sie dieser Adresse vertrauen.
consent-agent = { $client } ist ein Agent: Er handelt bis zum { $when } selbstständig in Ihrem Namen, auch wenn Sie nicht dabei sind.
consent-resource = Diesen Dienst in Ihrem Namen nutzen
consent-no-value = Steht noch nicht in Ihrem Konto
your-account = Ihrem Konto
allow = Zulassen
deny = Ablehnen

## Devices

device-title = Gerät verbinden
device-what = Geben Sie den Code ein, den Ihr Gerät zeigt.
device-code-label = Code
device-button = Weiter
device-unknown = Unter diesem Code wartet nichts. Vergleichen Sie ihn mit dem auf Ihrem Gerät. Ein Code gilt zehn Minuten; ist Ihrer älter, lassen Sie das Gerät einen neuen zeigen.
device-allowed-title = Ihr Gerät macht weiter
device-allowed = Sie können diese Seite schließen. Ihr Gerät macht in wenigen Sekunden von selbst weiter.
device-denied-title = Ihr Gerät bekommt nichts
device-denied = Sie haben abgelehnt, und Ihr Gerät erfährt es. Sie können diese Seite schließen.
consent-device = Machen Sie nur weiter, wenn ein Gerät vor Ihnen den Code { $code } zeigt. Die Anfrage kam von { $place }. Hat Ihnen jemand diesen Code geschickt, lehnen Sie ab.
consent-device-somewhere = Machen Sie nur weiter, wenn ein Gerät vor Ihnen den Code { $code } zeigt. Hat Ihnen jemand diesen Code geschickt, lehnen Sie ab.
consent-return-device = Ihr Gerät macht von selbst weiter. Sie können Ihre Zustimmung jederzeit in { $account } zurücknehmen.

## Sign out

sign-out-title = Abmelden
sign-out-what = Sie sind angemeldet als { $name }. Das Abmelden beendet dies in diesem Browser für alle Anwendungen von { $tenant }.
sign-out-button = Abmelden
signed-out-title = Abgemeldet
signed-out-done = Sie sind in diesem Browser von { $tenant } abgemeldet. Anwendungen verlieren den Zugriff, den sie durch diese Anmeldung hatten, außer denen, die ihn behalten dürfen, während Sie nicht da sind.
signed-out-before = In diesem Browser ist niemand bei { $tenant } angemeldet. Zum Anmelden gehen Sie zu der Anwendung, die Sie benutzen möchten.
signed-out-on = Weiter
signed-out-shared = Schließen Sie an einem gemeinsam benutzten Computer auch das Browserfenster.
still-signed-in = Sie sind noch angemeldet. Die Seite, die gefragt hat, war zu lange oder in einem anderen Fenster offen.
still-signed-in-remedy = Öffnen Sie sie noch einmal und melden Sie sich dort ab.

check-session-title = Zustand der Anmeldung

## The answer in a form

form-post-title = Zurück zur Anwendung
form-post-what = Noch ein Schritt, weil Ihr Browser hier keine Skripte ausführt.
continue = Weiter

## Register

register-title = Registrieren
register-at = um ein Konto bei { $tenant } zu bekommen
register-username = E-Mail-Adresse oder Benutzername
register-name = Ihr Name
register-button = Registrieren
have-account = Sie haben ein Konto?
sign-in-link = Anmelden
welcome-title = Willkommen
welcome-confirm = Wir haben einen Link an die E-Mail-Adresse geschickt, die Sie angegeben haben. Bestätigen Sie damit die Adresse und melden Sie sich dann an.
welcome = Falls Sie eine E-Mail-Adresse angegeben haben, haben wir einen Link geschickt, um sie zu bestätigen. Sie können sich jetzt anmelden.

## A new password

reset-title = Neues Passwort setzen
reset-what = Geben Sie den Namen ein, mit dem Sie sich bei { $tenant } anmelden. Wir schicken einen Link an die E-Mail-Adresse dieses Kontos.
reset-signs-out = Sie werden überall abgemeldet, wo Sie angemeldet sind.
username-or-address = Benutzername oder E-Mail-Adresse
send-link = Link senden
new-password-label = Neues Passwort
set-password = Passwort setzen
reset-done-title = Ihr neues Passwort ist gesetzt
reset-done = Sie können sich jetzt damit anmelden. Wo Sie vorher angemeldet waren, sind Sie abgemeldet.
check-email-title = Sehen Sie in Ihre E-Mails
reset-sent = Wenn es ein Konto mit diesem Namen und einer E-Mail-Adresse gibt, haben wir einen Link dorthin geschickt. Er gilt einmal, 30 Minuten lang.
no-mail = Dieser Server verschickt keine E-Mails und kann Ihnen deshalb keinen Link schicken. Fragen Sie die Betreiber: Sie können das für Sie erledigen.
dead-link-title = Dieser Link gilt nicht mehr
dead-link = Er wurde schon benutzt, ist abgelaufen oder ist nicht vollständig.
another-link = Einen anderen Link anfordern

## An email address

verify-title = E-Mail-Adresse bestätigen
verify-what = Geben Sie den Namen ein, mit dem Sie sich bei { $tenant } anmelden. Wir schicken einen Link an die E-Mail-Adresse dieses Kontos, wenn sie noch nicht bestätigt ist.
verify-mine = Jemand hat diese Adresse für ein Konto angegeben. Bestätigen Sie sie nur, wenn Sie das waren.
verify-button = Diese Adresse gehört mir
verify-done-title = Ihre E-Mail-Adresse ist bestätigt
verify-done = Danke. Sie können dort weitermachen, wo Sie waren, oder diese Seite schließen.
verify-sent = Wenn es ein Konto mit diesem Namen und einer noch nicht bestätigten E-Mail-Adresse gibt, haben wir einen Link dorthin geschickt. Er gilt einmal, 24 Stunden lang.
verify-expired = Dieser Link ist abgelaufen. Wir können einen anderen an dieselbe Adresse schicken.
verify-again = Anderen Link senden
taken-title = Diese Adresse ist vergeben

## For developers

mailbox-title = Postfach
mailbox-what = E-Mails an Personen, neueste zuerst. Es ist kein Mailserver eingestellt, deshalb stehen sie hier, nur auf diesem Rechner.
mailbox-empty = Es gibt keine.
mailbox-to = an { $to }
follow-link = Dem Link folgen
all-mail = Alle E-Mails
errors-title = Fehler
errors-what = Fehlerantworten des Token-Endpunkts und der APIs enthalten eine error_uri, die zu einer dieser Seiten führt.
all-errors = Alle Fehler

## The account

skip = Zum Inhalt springen
account-title = Ihr Konto
sign-in-to-account = bei Ihrem Konto von { $tenant }
profile-title = Profil
security-title = Sicherheit
devices-title = Geräte
applications-title = Anwendungen mit Zugriff
applications-short = Anwendungen
allowed-when = Zugelassen
agent-until = Agent: darf bis zum { $when } in Ihrem Namen handeln
agent-over = Agent: seine Zeit ist abgelaufen
activity-title = Aktivität
back-to-account = Zurück zu Ihrem Konto
edit = Bearbeiten
change = Ändern
save = Speichern
none = Keine
username-alone = Benutzername
email-label = E-Mail
confirmed = Bestätigt
not-confirmed = Nicht bestätigt
email-pending = Neue E-Mail
email-waits = Wartet, bis Sie den Link öffnen, den wir dorthin geschickt haben
member-since = Konto seit
security-what = Wie Sie zeigen, dass Sie es sind.
last-sign-in = Zuletzt benutzt: { $when }
devices-what = Wo Sie gerade angemeldet sind. Wird ein Gerät abgemeldet, endet sein Zugriff innerhalb von Sekunden.
this-device = Dieses Gerät
by-administrator = von einem Administrator
unknown-device = Unbekanntes Gerät
sign-out-device = { $device } abmelden
sign-out-others = Überall sonst abmelden
applications-what = Diesen haben Sie erlaubt, Ihr Konto zu benutzen.
applications-none = Noch keine Anwendung hat um Ihre Zustimmung gebeten.
remove = Entfernen
remove-application = Zugriff von { $client } entfernen
show-older = Ältere zeigen
download-data = Ihre Daten herunterladen
delete-account = Ihr Konto löschen

edit-profile-title = Profil bearbeiten
for-example = Zum Beispiel { $example }
picture-hint = PNG, JPEG oder WebP, bis 1 MB. Es wird quadratisch zugeschnitten, und Anwendungen, die Ihr Profil sehen dürfen, zeigen es.
picture-upload = Bild hochladen
picture-remove = Bild entfernen
picture-wrong = Diese Datei lässt sich nicht als Bild zeigen. Wählen Sie eine PNG-, JPEG- oder WebP-Datei von höchstens 1 MB.
change-email-title = E-Mail-Adresse ändern
change-email-what = Ihre Adresse ist { $email }. Wir schicken einen Link an die neue, und sie wird Ihre, wenn Sie den Link öffnen.
change-email-waits = Wir haben einen Link an { $email } geschickt. Sie wird Ihre Adresse, wenn Sie den Link öffnen.
change-email-first = Wir schicken einen Link an die Adresse, und sie wird Ihre, wenn Sie den Link öffnen.
change-email-button = Link senden
forget-email = Jetzige Adresse behalten
new-email-label = Neue E-Mail-Adresse
change-password = Passwort ändern
change-password-what = Hier bleiben Sie angemeldet. Überall sonst werden Sie abgemeldet.
change-password-button = Passwort ändern
current-password-label = Ihr jetziges Passwort
current-password-wrong = Das ist nicht Ihr jetziges Passwort.

done-name = Ihr Profil ist gespeichert.
done-picture = Ihr Bild ist gespeichert.
done-picture-gone = Ihr Bild ist entfernt.
done-email = Wir haben einen Link an Ihre neue Adresse geschickt. Öffnen Sie ihn dort, um die Änderung zu bestätigen.
done-email-kept = Ihre Adresse bleibt, wie sie ist.
done-password = Ihr Passwort ist geändert. Überall sonst sind Sie abgemeldet.
done-device = Dieses Gerät ist abgemeldet.
done-devices = Sie sind überall außer hier abgemeldet.
done-application = Die Anwendung hat keinen Zugriff mehr.
leave-what = Damit löschen Sie { $name } bei { $tenant }.
leave-out = Sie werden sofort überall abgemeldet, und keine Anwendung kann Ihr Konto mehr verwenden.
leave-grace = Bis { $when } können Sie es sich anders überlegen: Melden Sie sich an und behalten Sie Ihr Konto. Danach ist es endgültig gelöscht.
leave-now = Das Konto wird sofort gelöscht. Es lässt sich nicht wiederherstellen.
leave-gone = Ihr Profil, Ihr Passwort, Ihre Anmeldungen und die Zugriffe, die Sie Anwendungen gegeben haben, werden gelöscht.
leave-stays = Was Anwendungen über Sie wissen, bleibt bei ihnen, und { $tenant } behält ein Protokoll dessen, was mit dem Konto geschah. Sie können vorher { $data }.
leave-data = Ihre Daten herunterladen
leave-button = Mein Konto löschen
left-title = Ihr Konto wird gelöscht
left-until = Sie sind überall abgemeldet. Das Konto wird am { $when } gelöscht. Bis dahin kann es niemand verwenden, und Sie können es noch behalten.
left-keep = Anmelden und behalten
left-now-title = Ihr Konto ist gelöscht
left-now = Sie sind überall abgemeldet, und nichts von dem Konto lässt sich noch verwenden.
keep-title = Konto behalten?
keep-what = { $name } soll am { $when } gelöscht werden, wie Sie es wollten. Wenn Sie es behalten, gehört es Ihnen wie zuvor.
keep-button = Mein Konto behalten
done-kept = Ihr Konto bleibt. Anwendungen, die Sie nutzen, bitten Sie, sich neu anzumelden.
event-leaving = Sie wollten Ihr Konto löschen
event-kept = Sie haben Ihr Konto behalten

activity-what = Die letzten 30 Tage. Gibt es etwas, das Sie nicht wiedererkennen?
activity-none = In den letzten 30 Tagen ist nichts geschehen.
event-signed-in = Angemeldet
event-sign-in-failed = Eine Anmeldung ist fehlgeschlagen
event-created = Das Konto wurde angelegt
event-updated = Das Konto wurde geändert
event-roles = Ihre Rollen wurden geändert
event-enabled = Das Konto wurde entsperrt
event-disabled = Das Konto wurde gesperrt
event-reset-requested = Jemand hat einen Link für ein neues Passwort angefordert
event-reset = Ein neues Passwort wurde gesetzt
event-email-verified = Ihre E-Mail-Adresse wurde bestätigt
event-signed-out = Abgemeldet
event-approved = { $client } darf das Konto benutzen
event-denied = { $client } wurde abgelehnt
an-application = Eine Anwendung
event-withdrawn = Der Zugriff einer Anwendung wurde entfernt
event-tokens-revoked = Der Zugriff von Anwendungen wurde beendet
event-replayed = Jemand hat etwas schon Benutztes noch einmal benutzt, deshalb wurde der Zugriff einer Anwendung beendet

claim-given-name = Vorname
claim-family-name = Nachname
claim-middle-name = Zweiter Vorname
claim-nickname = Spitzname
claim-profile = Profilseite
claim-picture = Bild
claim-website = Website
claim-gender = Geschlecht
claim-birthdate = Geburtstag
claim-zoneinfo = Zeitzone
claim-locale = Sprache
claim-address = Anschrift
claim-street = Straße
claim-locality = Ort
claim-region = Region
claim-postal-code = Postleitzahl
claim-country = Land
claim-phone = Telefon
claim-phone-confirmed = Ob Ihre Telefonnummer bestätigt ist
claim-email-confirmed = Ob Ihre E-Mail-Adresse bestätigt ist
claim-updated = Wann sich Ihr Profil zuletzt geändert hat

when-now = gerade eben
when-minutes = { $count ->
    [one] vor 1 Minute
   *[other] vor { $count } Minuten
}
when-hours = { $count ->
    [one] vor 1 Stunde
   *[other] vor { $count } Stunden
}
when-date = { $day }. { $month } { $year }
month-january = Januar
month-february = Februar
month-march = März
month-april = April
month-may = Mai
month-june = Juni
month-july = Juli
month-august = August
month-september = September
month-october = Oktober
month-november = November
month-december = Dezember

## Two-step sign-in

factor-title = Code eingeben
factor-what = { $name } ist durch einen zweiten Schritt geschützt. Geben Sie den Code ein, den Ihre Authenticator-App zeigt.
factor-code-label = Code aus der App
factor-button = Weiter
factor-use-recovery = Stattdessen einen Wiederherstellungscode verwenden
factor-use-app = Stattdessen die App verwenden
factor-wrong = Dieser Code stimmt nicht.
factor-wrong-remedy = Jeder Code gilt einmal und etwa eine halbe Minute lang. Geben Sie den ein, den die App jetzt zeigt.
recovery-what = Geben Sie einen der Wiederherstellungscodes ein, die Sie für { $name } aufbewahrt haben. Jeder gilt einmal.
recovery-code-label = Wiederherstellungscode
recovery-wrong = Dieser Wiederherstellungscode stimmt nicht.
recovery-wrong-remedy = Prüfen Sie Ihre Eingabe. Ein Code, der schon benutzt wurde, gilt nicht noch einmal.
too-many-codes = Es gab zu viele falsche Codes.
authenticator-title = Authenticator-App einrichten
authenticator-required = { $tenant } verlangt beim Anmelden einen zweiten Schritt: einen Code aus einer App. Richten Sie ihn jetzt ein.
authenticator-what = Beim Anmelden geben Sie künftig nach dem Passwort einen Code aus der App ein.
authenticator-scan = Öffnen Sie eine Authenticator-App auf Ihrem Telefon und scannen Sie dieses Bild.
authenticator-picture = Bild für die Kamera einer Authenticator-App
authenticator-open = In einer App auf diesem Gerät öffnen
authenticator-key = Oder geben Sie diesen Schlüssel in die App ein:
authenticator-code-hint = Die App zeigt sechs Ziffern, sobald sie den Schlüssel kennt.
authenticator-button = Einschalten
authenticator-name = Authenticator-App
authenticator-name-label = Ihr Name für diese App
codes-title = Wiederherstellungscodes aufbewahren
codes-what = Wenn Sie Ihr Telefon verlieren, melden Sie sich mit einem dieser Codes statt mit der App an. Drucken Sie sie aus oder schreiben Sie sie auf.
codes-once = Jeder gilt einmal. Sie werden nur jetzt angezeigt.
codes-kept = Ich habe sie aufbewahrt
two-step = Anmeldung in zwei Schritten
two-step-off = Aus: Ihr Passwort allein meldet Sie an.
two-step-on = Ein: Nach dem Passwort verwenden Sie auch eine App oder einen Passkey.
two-step-add = App hinzufügen
factor-set-up = Eingerichtet: { $when }
factor-used = Zuletzt benutzt: { $when }
factor-remove = { $factor } entfernen
factor-remove-title = Diese App entfernen?
factor-remove-what = Codes aus { $factor } melden Sie dann nicht mehr an. Ist es Ihre einzige App, enden damit auch Ihre Wiederherstellungscodes.
recovery-codes = Wiederherstellungscodes
recovery-codes-left = { $count ->
    [one] Noch 1 Code
   *[other] Noch { $count } Codes
}
codes-renew = Neue Codes erstellen
codes-renew-title = Neue Wiederherstellungscodes erstellen?
codes-renew-what = Die Codes, die Sie jetzt haben, gelten dann nicht mehr.
done-factor-added = Die App ist eingerichtet.
done-factor-removed = Die App ist entfernt.
event-password-accepted = Das richtige Passwort wurde eingegeben und nach einem Code gefragt
event-factor-added = Eine Authenticator-App oder ein Passkey wurde eingerichtet
event-factor-removed = Eine Authenticator-App oder ein Passkey wurde entfernt
event-codes = Neue Wiederherstellungscodes wurden erstellt

## Letters

mail-button-fails = Falls der Knopf nicht funktioniert, öffnen Sie diese Adresse:
mail-reset-subject = Neues Passwort für { $tenant } setzen
mail-reset-asked = Jemand, hoffentlich Sie, hat ein neues Passwort für Ihr Konto bei { $tenant } angefordert.
mail-reset-what = Dieser Link führt zu einem Formular, in dem Sie eines setzen können. Er gilt einmal, innerhalb von 30 Minuten.
mail-reset-link = Neues Passwort setzen
mail-reset-ignore = Wenn Sie das nicht waren, beachten Sie diese E-Mail nicht: Ihr Passwort bleibt, wie es ist.
mail-verify-subject = Ihre E-Mail-Adresse für { $tenant } bestätigen
mail-verify-given = Diese Adresse wurde für ein Konto bei { $tenant } angegeben.
mail-verify-what = Bestätigen Sie mit diesem Link, dass sie Ihnen gehört. Er gilt einmal, innerhalb von 24 Stunden.
mail-verify-link = Diese Adresse bestätigen
mail-verify-ignore = Wenn Sie kein solches Konto haben, beachten Sie diese E-Mail nicht.
mail-password-subject = Ihr Passwort für { $tenant } wurde geändert
mail-password-what = Das Passwort Ihres Kontos bei { $tenant } wurde geändert, und Sie wurden überall abgemeldet.
mail-password-not-you = Wenn Sie das nicht waren, setzen Sie sofort ein neues Passwort und sagen Sie den Betreibern des Dienstes Bescheid.
mail-changing-subject = Andere E-Mail-Adresse für Ihr Konto bei { $tenant }
mail-changing-what = Für Ihr Konto bei { $tenant } wurde eine andere E-Mail-Adresse angegeben. Diese hier bleibt Ihre, bis die andere bestätigt ist.
mail-changing-not-you = Wenn Sie das nicht waren, setzen Sie sofort ein neues Passwort, womit auch die andere Adresse vergessen wird, und sagen Sie den Betreibern des Dienstes Bescheid.
mail-changed-subject = Ihre E-Mail-Adresse für { $tenant } wurde geändert
mail-changed-what = Ihr Konto bei { $tenant } hat jetzt eine andere E-Mail-Adresse. Von nun an gehen E-Mails dorthin.
mail-changed-not-you = Wenn Sie das nicht waren, sagen Sie den Betreibern des Dienstes sofort Bescheid.
mail-leaving-subject = Ihr Konto bei { $tenant } wird gelöscht
mail-leaving-what = Sie wollten Ihr Konto löschen. Es wird am { $when } gelöscht. Bis dahin kann es niemand verwenden.
mail-leaving-keep = Um es zu behalten, melden Sie sich vorher an.
mail-leaving-not-you = Wenn Sie das nicht waren, melden Sie sich an, behalten Sie Ihr Konto und setzen Sie ein neues Passwort.
mail-kept-subject = Ihr Konto bei { $tenant } bleibt bestehen
mail-kept-what = Ihr Konto sollte gelöscht werden, und die Verwaltung hat es behalten. Sie können sich anmelden und es benutzen wie zuvor.
mail-kept-again = Wenn Sie es weiterhin löschen möchten, löschen Sie es noch einmal auf der Seite Ihres Kontos.
mail-left-subject = Ihr Konto bei { $tenant } ist gelöscht
mail-left-what = Ihr Konto ist gelöscht, wie Sie es wollten. Es lässt sich nicht wiederherstellen.
mail-left-after = Dies ist die letzte E-Mail dazu.
mail-registered-subject = Sie haben ein Konto bei { $tenant }
mail-registered-what = Jemand, hoffentlich Sie, wollte sich bei { $tenant } mit einem Namen registrieren, den Sie schon benutzen.
mail-registered-reset = Wenn Sie das waren und Ihr Passwort vergessen haben, können Sie hier ein neues setzen.
mail-registered-ignore = Wenn Sie das nicht waren, beachten Sie diese E-Mail nicht: Nichts wurde geändert.
mail-factor-added-subject = Authenticator-App für { $tenant } eingerichtet
mail-factor-added-what = Wer sich bei Ihrem Konto bei { $tenant } anmeldet, wird jetzt auch nach einem Code aus einer Authenticator-App gefragt.
mail-factor-removed-subject = Authenticator-App bei { $tenant } entfernt
mail-factor-removed-what = Eine Authenticator-App wurde aus Ihrem Konto bei { $tenant } entfernt. Ihre Codes melden niemanden mehr an.
mail-codes-subject = Neue Wiederherstellungscodes für { $tenant }
mail-codes-what = Für Ihr Konto bei { $tenant } wurden neue Wiederherstellungscodes erstellt. Die alten gelten nicht mehr.
mail-code-used-subject = Wiederherstellungscode bei { $tenant } benutzt
mail-code-used-what = Jemand hat sich mit einem Wiederherstellungscode bei Ihrem Konto bei { $tenant } angemeldet. Übrige Codes: { $left }.
mail-factor-not-you = Wenn Sie das nicht waren, setzen Sie sofort ein neues Passwort und sagen Sie den Betreibern Bescheid.

# Andere Identitätsanbieter
continue-with = Weiter mit { $provider }
or = oder
upstream-denied = Sie haben sich bei { $provider } nicht angemeldet.
upstream-denied-remedy = Versuchen Sie es noch einmal, oder wählen Sie einen anderen Weg.
upstream-failed = Die Anmeldung bei { $provider } hat nicht geklappt.
upstream-failed-remedy = { $provider } antwortet nicht, oder nicht wie erwartet. Versuchen Sie es gleich noch einmal, oder wählen Sie einen anderen Weg.
upstream-taken = Es gibt schon ein Konto mit dieser E-Mail-Adresse.
upstream-taken-remedy = Melden Sie sich mit Ihrem Passwort an. Dann können Sie { $provider } auf der Seite Ihres Kontos verbinden.
upstream-none = Für Sie bei { $provider } gibt es hier kein Konto.
upstream-none-remedy = Wenden Sie sich an den Betreiber dieses Dienstes.
upstream-address = { $provider } hat keine bestätigte E-Mail-Adresse genannt.
upstream-address-remedy = Bestätigen Sie dort Ihre Adresse, und versuchen Sie es noch einmal.
upstream-account-remedy = Bei { $provider } ist alles in Ordnung. Wenden Sie sich an den Betreiber dieses Dienstes.
upstream-unknown = Diese Anmeldung hat nicht hier begonnen.
upstream-unknown-remedy = Sie hat zu lange gedauert oder in einem anderen Browser begonnen. Gehen Sie dahin zurück, wo Sie herkamen, und versuchen Sie es noch einmal.
connection-add = { $provider } verbinden
connection-add-title = Ein anderes Konto verbinden
connection-add-what = Sie können sich dann mit { $provider } anmelden. Zeigen Sie zuerst, dass Sie es sind; danach melden Sie sich dort an.
connection-go = Weiter
connection-remove = Verbindung mit { $provider } entfernen
connection-remove-title = Diese Verbindung entfernen?
connection-remove-what = Sie können sich dann nicht mehr mit { $provider } anmelden.
connection-sign-in = Bevor Sie ändern, wie Sie sich anmelden ({ $provider }), zeigen Sie, dass Sie es sind: Melden Sie sich noch einmal an.
connection-last = { $provider } ist Ihr einziger Weg, sich anzumelden. Legen Sie zuerst ein Passwort fest.
connection-elsewhere = Dieses Konto bei { $provider } ist hier schon mit einem anderen Konto verbunden.
connection-already = Sie haben schon ein Konto bei { $provider } verbunden. Entfernen Sie zuerst dieses.
done-connected = Ihr Konto ist verbunden.
done-connection-removed = Die Verbindung ist entfernt.
mail-linked-subject = { $left } wurde mit Ihrem Konto verbunden
mail-linked-what = Bei Ihrem Konto bei { $tenant } kann man sich nun mit { $left } anmelden.
mail-unlinked-subject = { $left } wurde von Ihrem Konto getrennt
mail-unlinked-what = Bei Ihrem Konto bei { $tenant } kann man sich nicht mehr mit { $left } anmelden.
mail-linked-not-you = Wenn Sie das nicht waren, ändern Sie Ihr Passwort, und sehen Sie auf der Seite Ihres Kontos nach, wie man sich anmelden kann.
## Passkeys

passkey-sign-in = Mit einem Passkey anmelden
passkey-use = Passkey verwenden
passkey-instead-of-password = Passkey statt Passwort verwenden
passkey-make = Passkey erstellen
or-passkey = Oder erstellen Sie stattdessen einen Passkey
passkey-failed = Es wurde kein Passkey verwendet. Versuchen Sie es noch einmal oder melden Sie sich anders an.
passkey-not-made = Es wurde kein Passkey erstellt. Versuchen Sie es noch einmal oder nehmen Sie ein anderes Gerät.
passkey-without = Dafür braucht es einen Browser, der Passkeys kennt und Skripte ausführt.
passkey-refused = Dieser Passkey wurde nicht angenommen.
passkey-refused-remedy = Versuchen Sie es noch einmal oder melden Sie sich anders an.
passkey-title = Passkey verwenden
passkey-what = { $name } ist durch einen zweiten Schritt geschützt. Zeigen Sie mit Ihrem Passkey, dass Sie es sind.
passkey-called = { $name } bei { $tenant }
passkey-name = Passkey
passkey-name-label = Ihr Name für diesen Passkey
passkey-new-title = Passkey erstellen
passkey-new-what = Mit einem Passkey melden Sie sich ohne Passwort an: mit Ihrem Fingerabdruck, Ihrem Gesicht oder der PIN Ihres Geräts.
passkey-first-what = Mit einem Passkey melden Sie sich ohne Passwort an: mit Ihrem Fingerabdruck, Ihrem Gesicht oder der PIN Ihres Geräts. Wer sich mit Ihrem Passwort anmeldet, wird dann auch nach dem Passkey gefragt oder nach einem Wiederherstellungscode. Diese Codes bekommen Sie gleich.
passkey-remove-title = Diesen Passkey entfernen?
passkey-remove-what = { $factor } meldet Sie dann nicht mehr an. Löschen Sie ihn auch auf Ihrem Gerät. Haben Sie keinen anderen Passkey und keine App, enden damit auch Ihre Wiederherstellungscodes.
passkeys-title = Passkeys
passkeys-what = Melden Sie sich mit Ihrem Gerät an, ohne Passwort.
password-too-title = Auch das Passwort eingeben
password-too-what = Ihr Passkey hat nicht geprüft, dass Sie es sind. Geben Sie das Passwort von { $name } ein, um fortzufahren.
factor-use-passkey = Stattdessen den Passkey verwenden
done-passkey-added = Der Passkey ist erstellt.
done-passkey-removed = Der Passkey ist entfernt.
event-passkey-copied = Ein Passkey wurde abgelehnt: Es gibt vielleicht eine Kopie davon
mail-passkey-added-subject = Ein Passkey wurde für { $tenant } erstellt
mail-passkey-added-what = Für Ihr Konto bei { $tenant } wurde ein Passkey erstellt. Er meldet ohne Passwort an. Wer das Passwort eingibt, wird auch nach ihm gefragt.
mail-passkey-removed-subject = Ein Passkey wurde bei { $tenant } entfernt
mail-passkey-removed-what = Ein Passkey wurde von Ihrem Konto bei { $tenant } entfernt. Er meldet niemanden mehr an.
mail-factors-removed-subject = Die Anmeldung in zwei Schritten wurde bei { $tenant } zurückgesetzt
mail-factors-removed-what = Eine Person aus der Verwaltung hat alle Passkeys, Authenticator-Apps und Wiederherstellungscodes von Ihrem Konto bei { $tenant } entfernt.
mail-passkey-copied-subject = Ein Passkey wurde bei { $tenant } abgelehnt
mail-passkey-copied-what = Ihr Passkey { $factor } sagt, dass er seltener benutzt wurde, als wir wissen. Vielleicht hat jemand eine Kopie davon. Er wurde abgelehnt.
mail-passkey-copied-do = Entfernen Sie diesen Passkey auf der Seite Ihres Kontos und erstellen Sie einen neuen. Wenn Sie ihn nicht gerade benutzt haben, ändern Sie auch Ihr Passwort.

## Signing in by mail

mailed-way = Link zum Anmelden per E-Mail erhalten
mailed-title = Per E-Mail anmelden
mailed-what = Geben Sie den Namen oder die E-Mail-Adresse ein, mit denen Sie sich bei { $tenant } anmelden. Wir schicken einen Link und einen Code dorthin.
mailed-button = E-Mail schicken
mailed-sent = Wenn es ein Konto mit diesem Namen und einer bestätigten E-Mail-Adresse gibt, haben wir einen Link und einen Code dorthin geschickt. Sie gelten einmal, 10 Minuten lang, in diesem Browser.
mailed-code-label = Code aus der E-Mail
mailed-again = Noch eine E-Mail schicken
mailed-confirm = Bei { $tenant } als { $name } anmelden?
mailed-elsewhere-title = In diesem Browser haben Sie nicht begonnen
mailed-elsewhere = Der Link funktioniert nur dort, wo Sie ihn angefordert haben. Öffnen Sie ihn dort, oder geben Sie den Code aus der E-Mail auf der Seite ein, die dort offen ist.
mailed-wrong = Dieser Link oder Code funktioniert nicht.
mailed-wrong-remedy = Beide gelten einmal, 10 Minuten lang. Prüfen Sie Ihre Eingabe, oder fordern Sie noch eine E-Mail an.
mailed-second-title = Bestätigen Sie, dass Sie es sind
mailed-second-what = { $tenant } verlangt einen zweiten Schritt. Wir können einen Code an { $email } schicken.
mailed-second-send = Code per E-Mail schicken
mailed-second-sent = Wir haben einen Code an { $email } geschickt. Er gilt einmal, 10 Minuten lang.
mailed-second-again = Noch einen Code schicken
mailed-second-app = Stattdessen eine App oder einen Passkey einrichten
mailed-second-many = Sie haben schon mehrere E-Mails bekommen. Warten Sie ein paar Minuten und versuchen Sie es dann noch einmal.
event-sign-in-mail = Jemand hat eine E-Mail zum Anmelden angefordert
event-mail-accepted = Ein Link oder Code aus einer E-Mail wurde zum Anmelden benutzt
mail-sign-in-subject = Bei { $tenant } anmelden
mail-sign-in-asked = Jemand, hoffentlich Sie, möchte sich mit dieser E-Mail bei { $tenant } anmelden.
mail-sign-in-what = Drücken Sie den Knopf in dem Browser, in dem Sie sie angefordert haben, oder geben Sie dort diesen Code ein. Er gilt einmal, 10 Minuten lang.
mail-sign-in-link = Anmelden
mail-sign-in-ignore = Wenn Sie das nicht waren, beachten Sie diese E-Mail nicht. Geben Sie den Code niemandem: Wer Sie danach fragt, will in Ihr Konto.
mail-code-subject = Ihr Code für { $tenant }
mail-code-what = Jemand, hoffentlich Sie, meldet sich bei { $tenant } an und wird nach diesem Code gefragt. Er gilt einmal, 10 Minuten lang.
mail-code-ignore = Wenn Sie das nicht waren, geben Sie den Code niemandem und setzen Sie ein neues Passwort: Jemand kennt Ihres.

## Devices that are remembered

remember-device = { $count ->
    [one] Auf diesem Gerät einen Tag lang nicht mehr fragen
   *[other] Auf diesem Gerät { $count } Tage lang nicht mehr fragen
}
remembered-since = Kein zweiter Schritt seit { $when }, bis { $until }
remembered-forget = Wieder fragen
remembered-forget-device = Auf { $device } wieder nach dem zweiten Schritt fragen
done-forgotten = Dort wird wieder nach dem zweiten Schritt gefragt.
event-device-forgotten = Auf Geräten wird wieder nach dem zweiten Schritt gefragt

## The console

when-moment = { $date }, { $time } Uhr (UTC)
console-title = Konsole
console-overview = Übersicht
console-clients = Anwendungen
console-people = Personen
console-audit = Aktivität
console-docs = Dokumentation
console-open-menu = Menü öffnen
console-search = Alles durchsuchen
console-search-hint = Suchen oder Kennung einfügen
console-search-button = Suchen
console-search-what = Sie können Anwendungen und Personen nach Name, Adresse oder Kennung suchen.
console-search-none = Nichts passt zu { $text }
console-keys = Tastatur
console-close = Schließen
console-you-are-here = Sie sind hier
console-again-title = Noch einmal anmelden
console-again-two = Dafür braucht es zwei Schritte: Ihr Passwort und Ihre App oder Ihren Passkey.
console-again-fresh = Ihre Anmeldung ist schon eine Weile her. Zeigen Sie noch einmal, dass Sie es sind, dann geht es weiter, wo Sie waren.
console-again-button = Anmelden und weiter
console-gone-title = Hier ist nichts
console-gone = Es wurde vielleicht gelöscht, oder es gehört einem anderen Mandanten.
console-denied-title = Das dürfen Sie nicht
console-to-start = Zur Übersicht
console-pages = Seiten
console-first-page = Erste Seite
console-next-page = Weiter
console-see-all = Alle ansehen
console-all = Alle
console-unused = 90 Tage unbenutzt
console-name = Name
console-kind = Art
console-state = Zustand
console-last-used = Zuletzt benutzt
console-never = nie
console-never-used = noch nicht benutzt
console-kind-web = Web
console-kind-spa = Im Browser
console-kind-native = App
console-kind-machine = Dienst
console-kind-device = Gerät
console-state-working = Läuft
console-state-failing = Wird abgelehnt
console-state-off = Ausgeschaltet
console-state-unused = Noch unbenutzt
console-clients-what = Anwendungen und Dienste, die über { $tenant } Personen anmelden oder APIs aufrufen.
console-clients-search = Anwendungen suchen
console-clients-search-hint = Name oder Kennung
console-clients-all = Alle Anwendungen zeigen
console-clients-none = Noch keine Anwendungen
console-clients-none-what = Eine Anwendung oder ein Dienst bekommt hier Token. Sagen Sie, was Sie bauen, dann passen die Einstellungen.
console-clients-no-match = Keine Anwendung passt zu { $text }
console-clients-no-match-what = Sie können nach einem Teil des Namens oder der Kennung suchen.
console-clients-none-unused = Alle Anwendungen werden benutzt
console-clients-none-unused-what = Jede bekam in den letzten 90 Tagen einen Token oder ist jünger.
console-client-new = Neue Anwendung
console-done-saved = Gespeichert. Es gilt ab der nächsten Anfrage.
console-done-client-on = Eingeschaltet.
console-done-client-off = Ausgeschaltet. Sie bekommt keine Token mehr, und ihre vorhandenen gelten nicht.
console-done-client-deleted = Die Anwendung ist gelöscht.
console-switch-off = Ausschalten
console-switch-on = Einschalten
console-delete = Löschen
console-delete-of = { $client } löschen?
console-delete-button = { $client } löschen
console-delete-what = Das lässt sich nicht rückgängig machen. Sobald Sie löschen:
console-delete-instead = Nicht sicher? Schalten Sie sie stattdessen aus. Sie lässt sich wieder einschalten, und nichts geht verloren.
console-ends-tokens = Ihre Token gelten sofort nicht mehr
console-ends-people = Niemand kann sich mehr über sie anmelden
console-ends-consents = Was Personen ihr erlaubt haben, wird vergessen
console-ends-secret = Kennung und Secrets gelten nie wieder
console-log-stays = Das Protokoll des Geschehenen bleibt
console-confirm = Geben Sie zur Bestätigung { $name } ein
console-confirm-wrong = Das ist nicht der Name. Geben Sie ihn so ein, wie er oben steht.
console-keep-it = Behalten
console-why-title = Warum wird diese Anwendung abgelehnt?
console-last-day = in den letzten 24 Stunden
console-why-nothing = In den letzten 24 Stunden wurde nichts abgelehnt.
console-sent = Gesendet
console-registered = Registriert
console-add-address = Diese Adresse hinzufügen
console-about-error = Über diesen Fehler
console-why-address = Die Rückleitungsadresse ist nicht registriert
console-why-address-what = Adressen werden Zeichen für Zeichen verglichen. Hat die Anwendung recht, fügen Sie die gesendete Adresse hinzu.
console-why-address-foreign = Sie liegt anderswo als die registrierten. Jeder kann so eine Anfrage senden: Fügen Sie sie nur hinzu, wenn Sie wissen, dass sie Ihnen gehört.
console-why-secret = Der Nachweis der Anwendung stimmt nicht
console-why-secret-what = Meist hat ein Server noch ein altes Secret, oder beim Kopieren ging ein Zeichen verloren. Vergleichen Sie unten die letzten vier Zeichen, oder wechseln Sie das Secret.
console-why-scope = Sie verlangt Scopes, die sie nicht haben darf
console-why-scope-what = Geben Sie ihr unten den Scope, oder nehmen Sie ihn aus der Anfrage der Anwendung.
console-why-grant = Sie benutzt einen Grant, den sie nicht hat
console-why-grant-what = Schalten Sie den Grant unten ein, wenn die Anwendung ihn benutzen soll.
console-why-code = Ein Code oder Refresh-Token galt nicht mehr
console-why-code-what = Jeder gilt einmal und für eine Weile. Geschieht das oft, sendet die Anwendung einen zweimal oder behält einen alten.
console-why-limit = Sie fragt zu oft
console-why-limit-what = Jeder Token sollte bis zu seinem Ende benutzt werden. Braucht sie wirklich mehr, heben Sie ihre Rate an.
console-why-else = Eine Anfrage wurde abgelehnt
console-why-else-what = Das Protokoll sagt warum; die Seite über den Fehler sagt, was zu ändern ist.
console-addresses = Adressen
console-addresses-what = Wohin Personen nach der Anmeldung geleitet werden dürfen. Genaue Übereinstimmung.
console-redirect-uris = Rückleitungsadressen
console-redirect-uris-hint = Eine je Zeile, etwa https://app.example/callback. Für 127.0.0.1 geht jeder Port.
console-goodbye-uris = Adressen nach dem Abmelden
console-one-a-line = Eine je Zeile.
console-origins = Herkünfte im Browser
console-origins-hint = Eine je Zeile. Leer: die der Rückleitungsadressen.
console-secrets = Secrets
console-secrets-what = Zwei können nebeneinander gelten, damit beim Wechsel nichts ausfällt.
console-secret-active = Gilt
console-secret-over = Abgelaufen
console-secret-ends = { $count ->
    [one] Endet in einer Stunde
   *[other] Endet in { $count } Stunden
}
console-secret-change = Secret wechseln
console-secret-change-of = Secret von { $client } wechseln?
console-secret-changed = { $client } hat ein neues Secret
console-secret-once = Das wird nur jetzt gezeigt. Kopieren Sie es gleich dorthin, wo die Anwendung es aufbewahrt.
console-secret-two = Ein altes Secret gilt noch. Es endet sofort, wenn Sie fortfahren; das neueste gilt weiter, wie Sie es hier wählen.
console-overlap = Wie lange gilt das alte Secret noch?
console-overlap-what = Bringen Sie das neue Secret auf alle Server, solange das alte noch gilt.
console-overlap-hour = Eine Stunde
console-overlap-day = Einen Tag
console-overlap-week = Eine Woche
console-overlap-none = Es endet jetzt: Jemand anderes könnte es kennen
console-keep-secret = Secret behalten
console-old-secret = Altes Secret
console-old-secret-until = gilt bis
console-access = Zugriff
console-access-what = Wie sie Token bekommt, und wofür.
console-grants = Grants
console-grant-code = Personen melden sich an
console-grant-refresh = Sie bleibt angemeldet, wenn niemand da ist
console-grant-machine = Sie handelt für sich selbst
console-grant-device = Personen melden sich auf einem anderen Gerät an
console-grant-password = Sie nimmt Passwörter von Personen entgegen
console-grant-implicit = Sie bekommt Token durch den Browser
console-grant-exchange = Sie tauscht Token für die nächste API
console-scopes = Scopes
console-scopes-hint = Mit Leerzeichen getrennt, etwa openid profile email.
console-trust = Vertrauen
console-first-party = Eine unserer eigenen
console-first-party-what = Personen werden nicht um Zustimmung gefragt
console-pkce = PKCE verlangen
console-pkce-what = Ein gestohlener Code nützt niemand anderem
console-pkce-always = Immer an bei Anwendungen ohne Secret
console-lifetimes = Lebensdauer
console-lifetimes-what = Wie lange ihre Token gelten. Kürzer ist sicherer.
console-access-lifetime = Access-Token
console-refresh-lifetime = Refresh-Token
console-seconds = In Sekunden.
console-use = Benutzen
console-use-what = Die Werte dieser Anwendung sind eingesetzt.
console-use-settings = Einstellungen
console-general = Name und Beschreibung
console-description = Beschreibung
console-description-hint = Personen lesen sie, wenn sie um Zustimmung gefragt werden.
console-made = Angelegt
console-changed = Geändert
console-save = Speichern
console-build-title = Was bauen Sie?
console-build-what = Wir wählen sichere Einstellungen. Sie können sie später ändern.
console-build-web = Webanwendung
console-build-web-what = Seiten von einem Server. Er kann ein Secret bewahren.
console-build-spa = Anwendung im Browser
console-build-spa-what = Läuft im Browser und ruft APIs auf.
console-build-app = App für Telefon oder Rechner
console-build-app-what = Von Personen installiert.
console-build-svc = Dienst
console-build-svc-what = Ruft selbst APIs auf, ohne dass jemand da ist.
console-build-tv = Fernseher, Spielkonsole oder Terminal
console-build-tv-what = Hat keine gute Tastatur.
console-you-get = Sie bekommen
console-gives-code = Anmeldung mit Autorisierungscode und PKCE
console-gives-secret = Ein Secret, das sich ohne Ausfall wechseln lässt
console-gives-refresh = Refresh-Token, die bei jeder Benutzung wechseln
console-gives-no-secret-browser = Kein Secret: Ein Browser kann keines bewahren
console-gives-no-secret = Kein Secret
console-gives-origins = Herkünfte im Browser (CORS) schon eingetragen
console-gives-own-tokens = Token für den Dienst selbst
console-gives-no-page = Keine Anmeldeseite, keine Zustimmung
console-gives-short-code = Ein kurzer Code zum Eintippen am Telefon
console-steps = Schritte
console-step-kind = Art
console-step-name = Name und Adressen
console-step-use = Werte kopieren
console-name-hint = Personen lesen ihn bei der Anmeldung.
console-continue = Weiter
console-cancel = Abbrechen
console-back = Zurück
console-make-client = Anwendung anlegen
console-client-made = { $client } ist bereit
console-made-what = Tragen Sie diese Werte in die Anwendung ein, und probieren Sie die erste Anmeldung.
console-client-id = Kennung
console-client-secret = Secret
console-to-client = Zu den Einstellungen
console-count = { $count ->
    [one] Insgesamt 1
   *[other] Insgesamt { $count }
}
console-number = { $count }
console-times = { $count ->
    [one] einmal
   *[other] { $count }-mal
}
console-overview-of = { $tenant } heute
console-figure-clients = Anwendungen insgesamt
console-figure-people = Personen insgesamt
console-figure-failing = Anwendungen mit Ablehnungen, 24 Std.
console-failing-title = Anwendungen, die Aufmerksamkeit brauchen
console-failing-none = In den letzten 24 Stunden wurde keiner Anwendung etwas abgelehnt.
console-changes-title = Zuletzt
console-people-what = Alle, die bei { $tenant } ein Konto haben.
console-people-search = Personen suchen
console-people-search-hint = Name, Benutzername oder E-Mail
console-people-all = Alle zeigen
console-people-none = Noch niemand
console-people-none-what = Personen kommen durch Registrierung, durch eine Anwendung, die Konten anlegt, oder über einen anderen Anbieter.
console-people-no-match = Niemand passt zu { $text }
console-people-no-match-what = Sie können nach einem Teil des Namens, des Benutzernamens oder der E-Mail-Adresse suchen.
console-roles = Rollen
console-last-sign-in = Letzte Anmeldung
console-person-active = Aktiv
console-person-locked = Gesperrt
console-person-leaving = Geht bald
console-send-link = Passwort-Link senden
console-lock = Sperren
console-unlock = Entsperren
console-done-locked = Gesperrt. Die Person ist überall abgemeldet, und ihre Token gelten nicht.
console-done-unlocked = Entsperrt. Die Person kann sich wieder anmelden.
console-done-reset = Ein Link ist unterwegs, sofern eine bestätigte E-Mail-Adresse vorliegt.
console-done-ended = Die Anmeldung ist beendet.
console-done-everywhere = Überall abgemeldet. Alle Token der Person sind beendet.
console-done-factors = Die zweiten Faktoren sind entfernt. Beim nächsten Mal reicht das Passwort, sofern keiner verlangt wird.
console-everywhere-of = { $name } überall abmelden?
console-everywhere-button = Überall abmelden
console-factors-of = { $name } alle zweiten Faktoren nehmen?
console-factors-button = Entfernen
console-ends-sign-ins = Jede Anmeldung endet, auf jedem Gerät
console-ends-their-tokens = Jeder Token, den Anwendungen für die Person haben, gilt nicht mehr
console-ends-pending = Zugesandte Links führen nirgendwohin
console-ends-factors = Authentifizierungs-Apps und Passkeys zählen nicht mehr
console-ends-codes = Wiederherstellungscodes zählen nicht mehr
console-timeline = Verlauf
console-timeline-none = Im Protokoll steht nichts über diese Person.
console-timeline-denied = Mit der Berechtigung audit:read sehen Sie, was geschah.
console-everything = Alles
console-failures = Fehlschläge
console-by = durch { $name }
console-about-person = Über diese Person
console-facts = Angaben
console-id = Kennung
console-factors = Zweite Faktoren
console-factors-none = Keiner ist eingerichtet.
console-signed-in-on = Angemeldet auf
console-nowhere = Zurzeit nirgends.
console-end = Beenden
console-let-in = Zugelassene Anwendungen
console-let-in-none = Keine.
console-activity-what = Wer wann was getan hat, und von wo.
console-activity-search = Person, Anwendung oder Kennung
console-activity-none = Nichts im Protokoll passt dazu
console-activity-none-what = Suchen Sie nach einem ganzen Benutzernamen oder einer ganzen Kennung. Was älter ist als das Protokoll, ist nicht mehr da.
console-outcome = Ergebnis
console-outcome-any = Jedes Ergebnis
console-outcome-success = Getan
console-outcome-attempted = Versucht
console-outcome-failure = Misslungen
console-outcome-refused = Abgelehnt
console-what = Was
console-who = Wer
console-when = Wann
