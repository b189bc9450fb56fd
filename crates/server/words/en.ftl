# What people read on the pages, by id. Plain text: markup is added where a page is made.
# Names come in by { $… } and are set apart from the sentence there.

## Everywhere

title = { $page } · { $tenant }
title-alone = { $page } · Writ
made-with = Writ
foot-terms = Terms
foot-privacy = Privacy
foot-help = Help
optional = (optional)
back-to-sign-in = Back to signing in
continue-to = Go on to { $client }
problem-title = That did not work
refused-title = Request refused
what-to-do = What to do
request-id = Request ID:
about-error = For developers: about this error
refused-remedy = You were not sent back to the application. Go there and try again. If this happens again, send this text and the request ID to whoever runs the application.
failed-remedy = This passes by itself. Go back and try again in a moment.
busy = The server is busy. Wait a moment, then try again.
old-form = This page was open for too long, or in another window. Please try again.
password-hint = 8 characters or more. A few uncommon words are easy to remember and hard to guess.
password-weak = This password is too easy to guess.
password-weak-remedy = Add some more, less common words.
show-password = Show password
caps-lock = Caps Lock is on.
strength-fair = Fair
strength-good = Good
strength-strong = Strong
copy = Copy
copy-codes = Copy the codes
copy-key = Copy the key
copied = Copied
too-long = This is too long.
birthdate-wrong = Write it as year, month and day, such as 1990-12-31.

language = Language

## What an application may

scope-openid = Sign you in and know who you are
scope-profile = See your name and the rest of your profile
scope-email = See your email address
scope-address = See your postal address
scope-phone = See your telephone number
scope-offline-access = Keep its access while you are away
scope-roles = See which roles you have
scope-groups = See which groups you are in
scope-oauth-read = Read clients, scopes, consents and tokens
scope-oauth-write = Change clients, scopes, consents and tokens
scope-users-read = Read users and roles
scope-users-write = Change users and roles
scope-sessions-read = Read sign-in sessions
scope-sessions-write = End sign-in sessions
scope-audit-read = Read the audit log
scope-keys-read = Read API keys
scope-keys-write = Change API keys
scope-tenants-read = Read every tenant
scope-tenants-write = Change every tenant
scope-clients-trust = Say which applications are trusted, and change those
scope-unnamed = Something that it does not describe

## Sign in

sign-in-title = Sign in
sign-in-to = to continue to { $client }
choose-title = Choose an account
signed-in-as = You are signed in as { $name }
continue-as = Continue as { $name }
or-somebody-else = or sign in as somebody else
prove-again = Enter the password of { $name } to continue, or sign in as somebody else.
username-label = Username or email
password-label = Password
sign-in-button = Sign in
forgot = Forgot your password?
no-account = No account yet?
register-link = Register
not-signed-in = The username or password is incorrect, or you cannot sign in at the moment.
not-signed-in-remedy = Check both, or set a new password.
unverified = Your email address is not confirmed yet.
unverified-remedy = Open the link in the email that we sent you, then sign in.
send-another-email = Send another email
too-many-sign-ins = There were too many failed sign-ins from your network.
wait-and-retry = Wait a moment, then try again.
server-busy = The server is busy.

## Requests that are over

unknown-challenge = This sign-in is over, or it was begun in another browser. It also looks like this if a browser keeps no cookies.
unknown-challenge-remedy = Go back to the application that you came from and sign in there again, in this browser.
over-answered = You have answered { $client } already, and each request is answered once.
over-answered-remedy = Go on in { $client }. If it does not let you in, sign in there again.
over-late = A sign-in has to be finished within { $minutes } minutes, and this one was not. { $client } was told nothing.
over-late-remedy = Go back to { $client } and sign in there again.
over-ended = You agreed, but before you came back you signed out, your password was changed, or your account or the consent was changed. { $client } was told nothing.
over-somebody-else = Somebody else agreed to this than the person who is signed in here. { $client } was told nothing.
over-somebody-else-remedy = Sign out. Then go back to { $client } and sign in there again as the person who should use it.
to-client = To { $client }
start-again = Sign in again at { $client }

## Consent

consent-title = { $client } wants to use your { $tenant } account
use-another-account = Use another account
consent-nothing = It asks for your approval only, and for no data.
consent-legend = If you agree, { $client } may:
always-included = Always included
nothing-ticked = Nothing is ticked. Tick what { $client } may have, or press Deny.
consent-return = You will return to { $target }. You can withdraw your consent at any time in { $account }.
consent-return-app = You will return to an application on this device. You can withdraw your consent at any time in { $account }.
consent-more = { $count ->
    [one] 1 more permission
   *[other] { $count } more permissions
}
consent-added = Added by { $tenant }
consent-by-itself = This application registered itself. Nobody at { $tenant } has checked it.
consent-by-document = This application describes itself at { $host }. Nobody at { $tenant } has checked it. Go on only if you trust that address.
consent-agent = { $client } is an agent: it acts by itself in your name, also when you are not there, until { $when }.
consent-resource = Use this service in your name
consent-no-value = Not in your account yet
your-account = your account
allow = Allow
deny = Deny

## Devices

device-title = Connect a device
device-what = Type the code that your device shows.
device-code-label = Code
device-button = Go on
device-unknown = Nothing waits under this code. Compare it with what your device shows. A code lasts ten minutes; if yours is older, let your device show another one.
device-allowed-title = Your device may go on
device-allowed = You can close this page. Your device goes on by itself in a few seconds.
device-denied-title = Your device gets nothing
device-denied = You said no, and your device is told. You can close this page.
consent-device = Go on only if a device in front of you shows the code { $code }. It asked from { $place }. If somebody sent you this code, press Deny.
consent-device-somewhere = Go on only if a device in front of you shows the code { $code }. If somebody sent you this code, press Deny.
consent-return-device = Your device goes on by itself. You can withdraw your consent at any time in { $account }.

## Sign out

sign-out-title = Sign out
sign-out-what = You are signed in as { $name }. Signing out ends this for all applications of { $tenant } in this browser.
sign-out-button = Sign out
signed-out-title = Signed out
signed-out-done = You are signed out of { $tenant } in this browser. Applications lose the access that they had through this sign-in, except those that you allowed to keep it while you are away.
signed-out-before = Nobody is signed in to { $tenant } in this browser. To sign in, go to the application that you want to use.
signed-out-on = Continue
signed-out-shared = On a shared computer, close the browser window too.
still-signed-in = You are still signed in. The page that asked was open for too long, or in another window.
still-signed-in-remedy = Open it again, and sign out there.

check-session-title = Session state

## The answer in a form

form-post-title = Back to the application
form-post-what = One more step, because your browser runs no scripts here.
continue = Continue

## Register

register-title = Register
register-at = to get an account at { $tenant }
register-username = Email address or username
register-name = Your name
register-button = Register
have-account = You have an account?
sign-in-link = Sign in
welcome-title = Welcome
welcome-confirm = We sent a link to the email address that you gave. Confirm the address with it, then sign in.
welcome = If you gave an email address, we sent a link to confirm it. You can sign in now.

## A new password

reset-title = Set a new password
reset-what = Enter the name that you sign in to { $tenant } with. We will send a link to the email address of that account.
reset-signs-out = You will be signed out wherever you are signed in.
username-or-address = Username or email address
send-link = Send the link
new-password-label = New password
set-password = Set the password
reset-done-title = Your new password is set
reset-done = You can sign in with it now. Wherever you were signed in before, you have been signed out.
check-email-title = Check your email
reset-sent = If there is an account with that name and an email address, we sent a link to it. It works once, for 30 minutes.
no-mail = This server sends no mail, so it cannot send you a link. Ask whoever runs it: they can do this for you.
dead-link-title = This link does not work any more
dead-link = It was used already, it has expired, or it is not complete.
another-link = Ask for another link

## An email address

verify-title = Confirm your email address
verify-what = Enter the name that you sign in to { $tenant } with. We will send a link to the email address of that account, if it is not confirmed yet.
verify-mine = Somebody gave this address for an account. Confirm it only if that was you.
verify-button = This address is mine
verify-done-title = Your email address is confirmed
verify-done = Thank you. You can go on where you were, or close this page.
verify-sent = If there is an account with that name and an email address that is not confirmed yet, we sent a link to it. It works once, for 24 hours.
verify-expired = This link has expired. We can send another one to the same address.
verify-again = Send another link
taken-title = This address is taken

## For developers

mailbox-title = Mailbox
mailbox-what = Emails to people, newest first. No mail server is set, so they are shown here, on this machine only.
mailbox-empty = There are none.
mailbox-to = to { $to }
follow-link = Follow the link
all-mail = All emails
errors-title = Errors
errors-what = Error answers of the token endpoint and of the APIs carry an error_uri, which leads to one of these pages.
all-errors = All errors

## The account

skip = Skip to content
account-title = Your account
sign-in-to-account = to your { $tenant } account
profile-title = Profile
security-title = Security
devices-title = Devices
applications-title = Applications with access
applications-short = Applications
allowed-when = Allowed
agent-until = Agent: it may act in your name until { $when }
agent-over = Agent: its time is over
activity-title = Activity
back-to-account = Back to your account
edit = Edit
change = Change
save = Save
none = None
username-alone = Username
email-label = Email
confirmed = Confirmed
not-confirmed = Not confirmed
email-pending = New email
email-waits = Waits for you to open the link we sent there
member-since = Account since
security-what = How you prove who you are.
last-sign-in = Last used { $when }
devices-what = Where you are signed in now. Signing a device out ends its access within seconds.
this-device = This device
by-administrator = by an administrator
unknown-device = Unknown device
sign-out-device = Sign out { $device }
sign-out-others = Sign out everywhere else
applications-what = You allowed these to use your account.
applications-none = No application has asked for your consent yet.
remove = Remove
remove-application = Remove the access of { $client }
show-older = Show older
download-data = Download your data
delete-account = Delete your account

edit-profile-title = Edit your profile
for-example = For example { $example }
picture-hint = PNG, JPEG or WebP, up to 1 MB. It is cut to a square, and applications that may see your profile are shown it.
picture-upload = Upload the picture
picture-remove = Remove the picture
picture-wrong = We cannot show this file as a picture. Choose a PNG, JPEG or WebP file of up to 1 MB.
change-email-title = Change your email address
change-email-what = Your address is { $email }. We send a link to the new one, and it becomes yours when you open the link.
change-email-waits = We sent a link to { $email }. It becomes your address when you open the link.
change-email-first = We send a link to the address, and it becomes yours when you open the link.
change-email-button = Send the link
forget-email = Keep the current address
new-email-label = New email address
change-password = Change your password
change-password-what = You stay signed in here. Everywhere else you are signed out.
change-password-button = Change password
current-password-label = Current password
current-password-wrong = This is not your current password.

done-name = Your profile is saved.
done-picture = Your picture is saved.
done-picture-gone = Your picture is removed.
done-email = We sent a link to your new address. Open it there to confirm the change.
done-email-kept = Your address stays as it is.
done-password = Your password is changed. You are signed out everywhere else.
done-device = That device is signed out.
done-devices = You are signed out everywhere but here.
done-application = The application has no access any more.
leave-what = This deletes { $name } at { $tenant }.
leave-out = You are signed out everywhere at once, and applications can no longer use your account.
leave-grace = Until { $when } you can change your mind: sign in and keep your account. After that it is deleted for good.
leave-now = The account is deleted at once. It cannot be brought back.
leave-gone = Your profile, your password, your sign-ins and the access you gave to applications are deleted.
leave-stays = What applications know about you stays with them, and { $tenant } keeps a log of what happened to the account. You can { $data } first.
leave-data = download your data
leave-button = Delete my account
left-title = Your account will be deleted
left-until = You are signed out everywhere. Your account will be deleted on { $when }. Until then nobody can use it, and you can still keep it.
left-keep = Sign in and keep it
left-now-title = Your account has been deleted
left-now = You are signed out everywhere, and your account can no longer be used.
keep-title = Keep your account?
keep-what = { $name } will be deleted on { $when }, as you asked. If you keep it, you can use it as before.
keep-button = Keep my account
done-kept = Your account is kept. Your applications will ask you to sign in again.
event-leaving = You asked to delete your account
event-kept = You kept your account

activity-what = The last 30 days. Is there something that you do not recognise?
activity-none = Nothing has happened in the last 30 days.
event-signed-in = Signed in
event-sign-in-failed = A sign-in failed
event-created = The account was made
event-updated = The account was changed
event-roles = Your roles were changed
event-enabled = The account was unlocked
event-disabled = The account was locked
event-reset-requested = Somebody asked for a link to set a new password
event-reset = A new password was set
event-email-verified = Your email address was confirmed
event-signed-out = Signed out
event-approved = { $client } was allowed to use the account
event-denied = { $client } was refused
an-application = An application
event-withdrawn = The access of an application was removed
event-tokens-revoked = The access of applications was ended
event-replayed = Somebody used what had been used before, so the access of an application was ended

claim-given-name = Given name
claim-family-name = Family name
claim-middle-name = Middle name
claim-nickname = Nickname
claim-profile = Profile page
claim-picture = Picture
claim-website = Website
claim-gender = Gender
claim-birthdate = Birthday
claim-zoneinfo = Time zone
claim-locale = Language
claim-address = Address
claim-street = Street
claim-locality = Town
claim-region = Region
claim-postal-code = Postal code
claim-country = Country
claim-phone = Phone
claim-phone-confirmed = Whether your phone number is confirmed
claim-email-confirmed = Whether your email address is confirmed
claim-updated = When your profile last changed

when-now = just now
when-minutes = { $count ->
    [one] 1 minute ago
   *[other] { $count } minutes ago
}
when-hours = { $count ->
    [one] 1 hour ago
   *[other] { $count } hours ago
}
when-date = { $day } { $month } { $year }
month-january = January
month-february = February
month-march = March
month-april = April
month-may = May
month-june = June
month-july = July
month-august = August
month-september = September
month-october = October
month-november = November
month-december = December

## Two-step sign-in

factor-title = Enter your code
factor-what = { $name } is protected by a second step. Type the code that your authenticator app shows.
factor-code-label = Code from the app
factor-button = Continue
factor-use-recovery = Use a recovery code instead
factor-use-app = Use the app instead
factor-wrong = This code is not right.
factor-wrong-remedy = Each code works once and for about half a minute. Type the one that the app shows now.
recovery-what = Type one of the recovery codes that you kept for { $name }. Each works once.
recovery-code-label = Recovery code
recovery-wrong = This recovery code is not right.
recovery-wrong-remedy = Check what you typed. A code that was used before does not work again.
too-many-codes = There were too many wrong codes.
authenticator-title = Set up an authenticator app
authenticator-required = { $tenant } asks for a second step when you sign in: a code from an app. Set it up now.
authenticator-what = When you sign in, you will type a code from the app after your password.
authenticator-scan = Open an authenticator app on your phone and scan this picture.
authenticator-picture = Picture for the camera of an authenticator app
authenticator-open = Open it in an app on this device
authenticator-key = Or type this key into the app:
authenticator-code-hint = The app shows six digits as soon as it knows the key.
authenticator-button = Turn on
authenticator-name = Authenticator app
authenticator-name-label = What you call this app
codes-title = Keep your recovery codes
codes-what = If you lose your phone, one of these codes signs you in instead of the app. Print them or write them down.
codes-once = Each works once. They are shown only now.
codes-kept = I have kept them
two-step = Two-step sign-in
two-step-off = Off: your password alone signs you in.
two-step-on = On: after your password you also use an app or a passkey.
two-step-add = Add an app
factor-set-up = Set up { $when }
factor-used = Last used { $when }
factor-remove = Remove { $factor }
factor-remove-title = Remove this app?
factor-remove-what = Codes from { $factor } will no longer sign you in. If it is your only app, your recovery codes end with it.
recovery-codes = Recovery codes
recovery-codes-left = { $count ->
    [one] 1 code left
   *[other] { $count } codes left
}
codes-renew = Make new codes
codes-renew-title = Make new recovery codes?
codes-renew-what = The codes that you have now stop working.
done-factor-added = The app is set up.
done-factor-removed = The app is removed.
event-password-accepted = The right password was typed, and a code was asked for
event-factor-added = An authenticator app or a passkey was set up
event-factor-removed = An authenticator app or a passkey was removed
event-codes = New recovery codes were made

## Letters

mail-button-fails = Should the button not work, open this address:
mail-reset-subject = Set a new password for { $tenant }
mail-reset-asked = Somebody, hopefully you, asked for a new password for your account at { $tenant }.
mail-reset-what = This link leads to a form where you can set one. It works once, within 30 minutes.
mail-reset-link = Set a new password
mail-reset-ignore = If it was not you, ignore this email: your password stays the same.
mail-verify-subject = Confirm your email address for { $tenant }
mail-verify-given = This address was given for an account at { $tenant }.
mail-verify-what = Confirm that it is yours with this link. It works once, within 24 hours.
mail-verify-link = Confirm this address
mail-verify-ignore = If you have no such account, ignore this email.
mail-password-subject = Your password for { $tenant } was changed
mail-password-what = The password of your account at { $tenant } was changed, and you were signed out everywhere.
mail-password-not-you = If it was not you, set a new password at once and tell the people who run the service.
mail-changing-subject = Another email address for your account at { $tenant }
mail-changing-what = Another email address was given for your account at { $tenant }. This one stays yours until the other one is confirmed.
mail-changing-not-you = If it was not you, set a new password at once, which forgets the other address, too, and tell whoever runs the service.
mail-changed-subject = Your email address for { $tenant } was changed
mail-changed-what = Your account at { $tenant } has another email address now. Letters go there from now on.
mail-changed-not-you = If it was not you, tell the people who run the service at once.
mail-leaving-subject = Your account at { $tenant } will be deleted
mail-leaving-what = You asked us to delete your account. It will be deleted on { $when }. Until then nobody can use it.
mail-leaving-keep = To keep it, sign in before then.
mail-leaving-not-you = If it was not you, sign in, keep your account and set a new password.
mail-kept-subject = Your account at { $tenant } is kept
mail-kept-what = Your account was to be deleted, and an administrator has kept it. You can sign in and use it as before.
mail-kept-again = If you still want it deleted, delete it again on the page of your account.
mail-left-subject = Your account at { $tenant } has been deleted
mail-left-what = Your account has been deleted, as you asked. It cannot be brought back.
mail-left-after = This is the last email about it.
mail-registered-subject = You have an account at { $tenant }
mail-registered-what = Somebody, hopefully you, tried to register at { $tenant } with a name that you already use.
mail-registered-reset = If it was you and you forgot your password, you can set a new one here.
mail-registered-ignore = If it was not you, ignore this email: nothing was changed.
mail-factor-added-subject = An authenticator app was set up for { $tenant }
mail-factor-added-what = Whoever signs in to your account at { $tenant } is now asked for a code from an authenticator app, too.
mail-factor-removed-subject = An authenticator app was removed from { $tenant }
mail-factor-removed-what = An authenticator app was removed from your account at { $tenant }. Its codes no longer sign anybody in.
mail-codes-subject = New recovery codes for { $tenant }
mail-codes-what = New recovery codes were made for your account at { $tenant }. The ones before no longer work.
mail-code-used-subject = A recovery code was used at { $tenant }
mail-code-used-what = Somebody signed in to your account at { $tenant } with a recovery code. Codes left: { $left }.
mail-factor-not-you = If it was not you, set a new password at once and tell the people who run the service.

# Other identity providers
continue-with = Continue with { $provider }
or = or
upstream-denied = You did not sign in at { $provider }.
upstream-denied-remedy = Try again, or choose another way.
upstream-failed = Signing in at { $provider } did not work.
upstream-failed-remedy = { $provider } does not answer, or not as it should. Please try again in a moment, or choose another way.
upstream-taken = You already have an account with this email address.
upstream-taken-remedy = Sign in with your password. Then you can connect { $provider } on the page of your account.
upstream-none = There is no account here for you at { $provider }.
upstream-none-remedy = Ask whoever runs this service to let you in.
upstream-address = { $provider } did not tell an email address that is confirmed.
upstream-address-remedy = Confirm your address there, and try again.
upstream-account-remedy = Your account at { $provider } is fine. Ask whoever runs this service.
upstream-unknown = This sign-in did not begin here.
upstream-unknown-remedy = It took too long, or it began in another browser. Go back to where you came from, and try again.
connection-add = Connect { $provider }
connection-add-title = Connect another account
connection-add-what = You will be able to sign in with { $provider }. First, show that it is you; then sign in there.
connection-go = Continue
connection-remove = Remove the connection with { $provider }
connection-remove-title = Remove this connection?
connection-remove-what = You will no longer be able to sign in with { $provider }.
connection-sign-in = To change how you sign in ({ $provider }), show first that it is you: sign in once more.
connection-last = { $provider } is your only way to sign in. Set a password first.
connection-elsewhere = This account at { $provider } is connected with another account here.
connection-already = You have already connected an account at { $provider }. Remove that one first.
done-connected = Your account is connected.
done-connection-removed = The connection is removed.
mail-linked-subject = { $left } was connected with your account
mail-linked-what = Your account at { $tenant } can now be signed in to with { $left }.
mail-unlinked-subject = { $left } was removed from your account
mail-unlinked-what = Your account at { $tenant } can no longer be signed in to with { $left }.
mail-linked-not-you = If that was not you, change your password and look at the ways to sign in on the page of your account.
## Passkeys

passkey-sign-in = Sign in with a passkey
passkey-use = Use a passkey
passkey-instead-of-password = Use a passkey instead of the password
passkey-make = Create a passkey
or-passkey = Or create a passkey instead
passkey-failed = No passkey was used. Try again, or sign in another way.
passkey-not-made = No passkey was created. Try again, or use another device.
passkey-without = This needs a browser that knows passkeys and runs scripts.
passkey-refused = This passkey was not accepted.
passkey-refused-remedy = Try again, or sign in another way.
passkey-title = Use your passkey
passkey-what = { $name } is protected by a second step. Prove with your passkey that it is you.
passkey-called = { $name } at { $tenant }
passkey-name = Passkey
passkey-name-label = What you call this passkey
passkey-new-title = Create a passkey
passkey-new-what = With a passkey you sign in without a password: with your fingerprint, your face or the PIN of your device.
passkey-first-what = With a passkey you sign in without a password: with your fingerprint, your face or the PIN of your device. Whoever signs in with your password is then asked for the passkey, too, or for a recovery code, which you get next.
passkey-remove-title = Remove this passkey?
passkey-remove-what = { $factor } will no longer sign you in. Delete it on your device, too. If you have no other passkey and no app, your recovery codes end with it.
passkeys-title = Passkeys
passkeys-what = Sign in with your device, without a password.
password-too-title = Type your password, too
password-too-what = Your passkey has not checked that it is you. Type the password of { $name } to go on.
factor-use-passkey = Use the passkey instead
done-passkey-added = The passkey is created.
done-passkey-removed = The passkey is removed.
event-passkey-copied = A passkey was refused: there may be a copy of it
mail-passkey-added-subject = A passkey was created for { $tenant }
mail-passkey-added-what = A passkey was created for your account at { $tenant }. It signs in without a password. Whoever types the password is asked for it, too.
mail-passkey-removed-subject = A passkey was removed from { $tenant }
mail-passkey-removed-what = A passkey was removed from your account at { $tenant }. It no longer signs anybody in.
mail-factors-removed-subject = Two-step sign-in was reset for { $tenant }
mail-factors-removed-what = An administrator has removed all passkeys, authenticator apps and recovery codes from your account at { $tenant }.
mail-passkey-copied-subject = A passkey was refused at { $tenant }
mail-passkey-copied-what = Your passkey { $factor } says that it was used less often than we know. Somebody may have a copy of it. It was refused.
mail-passkey-copied-do = Remove this passkey on the page of your account and create a new one. If you did not just use it, set a new password, too.

## Signing in by mail

mailed-way = Email me a sign-in link
mailed-title = Sign in by email
mailed-what = Enter the name or the email address that you sign in to { $tenant } with. We will send a link and a code there.
mailed-button = Send the email
mailed-sent = If there is an account with that name and a confirmed email address, we sent a link and a code there. They work once, for 10 minutes, in this browser.
mailed-code-label = Code from the email
mailed-again = Send another email
mailed-confirm = Sign in to { $tenant } as { $name }?
mailed-elsewhere-title = This is not the browser where you began
mailed-elsewhere = The link works only where you asked for it. Open it there, or type the code from the email on the page that is open there.
mailed-wrong = This link or code does not work.
mailed-wrong-remedy = Each works once, for 10 minutes. Check what you typed, or ask for another email.
mailed-second-title = Confirm that it is you
mailed-second-what = { $tenant } asks for a second step. We can send a code to { $email }.
mailed-second-send = Email me a code
mailed-second-sent = We sent a code to { $email }. It works once, for 10 minutes.
mailed-second-again = Send another code
mailed-second-app = Set up an app or a passkey instead
mailed-second-many = You were sent several emails already. Wait a few minutes, then try again.
event-sign-in-mail = Somebody asked for an email to sign in with
event-mail-accepted = A link or a code from an email was used to sign in
mail-sign-in-subject = Sign in to { $tenant }
mail-sign-in-asked = Somebody, hopefully you, wants to sign in to { $tenant } with this email.
mail-sign-in-what = Press the button in the browser where you asked for it, or type this code there. It works once, for 10 minutes.
mail-sign-in-link = Sign in
mail-sign-in-ignore = If it was not you, ignore this email. Give the code to nobody: whoever asks you for it wants to get into your account.
mail-code-subject = Your code for { $tenant }
mail-code-what = Somebody, hopefully you, signs in to { $tenant } and is asked for this code. It works once, for 10 minutes.
mail-code-ignore = If it was not you, give the code to nobody, and set a new password: somebody knows yours.

## Devices that are remembered

remember-device = { $count ->
    [one] Don’t ask again on this device for a day
   *[other] Don’t ask again on this device for { $count } days
}
remembered-since = Second step not asked for since { $when }, until { $until }
remembered-forget = Ask again
remembered-forget-device = Ask for the second step again on { $device }
done-forgotten = The second step is asked for there again.
event-device-forgotten = Devices are asked for the second step again

## The console

when-moment = { $date }, { $time } UTC
console-title = Console
console-overview = Overview
console-clients = Clients
console-people = People
console-audit = Activity
console-docs = Documentation
console-open-menu = Open the menu
console-search = Search everything
console-search-hint = Search, or paste an id
console-search-button = Search
console-search-what = You can look for clients and people by name, address or id.
console-search-none = Nothing matches { $text }
console-keys = Keyboard
console-close = Close
console-you-are-here = You are here
console-again-title = Sign in again
console-again-two = This needs two steps: your password, and your app or passkey.
console-again-fresh = You signed in a while ago. Prove once more that it is you, and you go on where you were.
console-again-button = Sign in and go on
console-gone-title = There is nothing here
console-gone = It may have been deleted, or it belongs to another tenant.
console-denied-title = You may not do this
console-to-start = To the overview
console-pages = Pages
console-first-page = First page
console-next-page = Next
console-see-all = See all
console-all = All
console-unused = Unused 90 days
console-name = Name
console-kind = Kind
console-state = State
console-last-used = Last used
console-never = never
console-never-used = not used yet
console-kind-web = Web
console-kind-spa = Single-page
console-kind-native = App
console-kind-machine = Service
console-kind-device = Device
console-state-working = Working
console-state-failing = Failing
console-state-off = Switched off
console-state-unused = Not used yet
console-clients-what = Applications and services that use { $tenant } to sign people in or to call APIs.
console-clients-search = Search clients
console-clients-search-hint = Name or id
console-clients-all = Show all clients
console-clients-none = No clients yet
console-clients-none-what = A client is an application or a service that gets tokens here. Say what you build, and it gets the settings that fit.
console-clients-no-match = No client matches { $text }
console-clients-no-match-what = You can search by a part of the name or of the client id.
console-clients-none-unused = Every client is in use
console-clients-none-unused-what = Each one got a token within 90 days, or is younger than that.
console-client-new = New client
console-done-saved = Saved. It counts from the next request on.
console-done-client-on = Switched on.
console-done-client-off = Switched off. It gets no more tokens, and those it has do not work.
console-done-client-deleted = The client is deleted.
console-switch-off = Switch off
console-switch-on = Switch on
console-delete = Delete
console-delete-of = Delete { $client }?
console-delete-button = Delete { $client }
console-delete-what = This can’t be undone. As soon as you delete it:
console-delete-instead = Not sure? Switch it off instead. You can switch it on again, and nothing is lost.
console-ends-tokens = its tokens stop working at once
console-ends-people = people can’t sign in through it any more
console-ends-consents = what people allowed it is forgotten
console-ends-secret = its id and its secrets never work again
console-log-stays = The record of what happened stays
console-confirm = Type { $name } to confirm
console-confirm-wrong = This is not the name. Type it as it is shown above.
console-keep-it = Keep it
console-why-title = Why does this client fail?
console-last-day = in the last 24 hours
console-why-nothing = Nothing was refused in the last 24 hours.
console-sent = Sent
console-registered = Registered
console-add-address = Add this address
console-about-error = About this error
console-why-address = The redirect address is not registered
console-why-address-what = Addresses are compared letter by letter. If the application is right, add the address it sent.
console-why-address-foreign = It lies elsewhere than those that are registered. Anybody can send such a request: add it only if you know that it is yours.
console-why-secret = The credential is not the right one
console-why-secret-what = Most often a server still has an old secret, or a copy lost a letter. Compare the last four letters below, or change the secret.
console-why-scope = It asks for scopes that it may not have
console-why-scope-what = Give it the scope below, or take it out of the application’s request.
console-why-grant = It uses a grant that it does not have
console-why-grant-what = Switch the grant on below, if the application is meant to use it.
console-why-code = A code or refresh token was not good any more
console-why-code-what = Each works once, and for a while. If this happens often, the application sends one twice, or keeps an old one.
console-why-limit = It asks too often
console-why-limit-what = Keep each token until it expires. If it really needs more, raise its rate.
console-why-else = A request was refused
console-why-else-what = The log says why; the page about the error says what to change.
console-addresses = Addresses
console-addresses-what = Where people may be sent after signing in. Exact match.
console-redirect-uris = Redirect addresses
console-redirect-uris-hint = One a line, such as https://app.example/callback. For 127.0.0.1 any port will do.
console-goodbye-uris = Addresses after signing out
console-one-a-line = One a line.
console-origins = Browser origins
console-origins-hint = One a line. Empty: those of the redirect addresses.
console-secrets = Secrets
console-secrets-what = Two may live side by side, so that nothing breaks while you change over.
console-secret-active = Active
console-secret-over = Over
console-secret-ends = { $count ->
    [one] Ends within an hour
   *[other] Ends in { $count } hours
}
console-secret-change = Change the secret
console-secret-change-of = Change the secret of { $client }?
console-secret-changed = { $client } has a new secret
console-secret-once = This is shown once. Copy it now to where the application keeps it.
console-secret-two = An old secret still works. It ends at once when you go on; the newest works on as you choose here.
console-overlap = How long does the old secret work on?
console-overlap-what = Bring the new secret to every server while the old one still works.
console-overlap-hour = An hour
console-overlap-day = A day
console-overlap-week = A week
console-overlap-none = It ends now: somebody else may know it
console-keep-secret = Keep the secret
console-old-secret = Old secret
console-old-secret-until = works until
console-access = Access
console-access-what = How it gets tokens, and what for.
console-grants = Grants
console-grant-code = People sign in
console-grant-refresh = It stays signed in while people are away
console-grant-machine = It acts for itself
console-grant-device = People sign in on another device
console-grant-password = It takes people’s passwords
console-grant-implicit = It gets tokens through the browser
console-grant-exchange = It exchanges tokens for the next API
console-scopes = Scopes
console-scopes-hint = With spaces between them, such as openid profile email.
console-trust = Trust
console-first-party = One of our own
console-first-party-what = People are not asked for consent
console-pkce = Require PKCE
console-pkce-what = A stolen code is of no use to anybody else
console-pkce-always = Always on for applications without a secret
console-lifetimes = Lifetimes
console-lifetimes-what = How long its tokens work. Short is safer.
console-access-lifetime = Access tokens
console-refresh-lifetime = Refresh tokens
console-seconds = In seconds.
console-use = Use it
console-use-what = The values are filled in for this client.
console-use-settings = Settings
console-general = Name and description
console-description = Description
console-description-hint = People read it where they are asked for consent.
console-made = Made
console-changed = Changed
console-save = Save
console-build-title = What do you build?
console-build-what = We choose safe settings for you. You can change them later.
console-build-web = Web application
console-build-web-what = Pages made by a server. It can keep a secret.
console-build-spa = Single-page application
console-build-spa-what = Runs in the browser and calls APIs.
console-build-app = Phone or desktop app
console-build-app-what = Installed by people.
console-build-svc = Service
console-build-svc-what = Calls APIs by itself, with nobody present.
console-build-tv = TV, console or terminal
console-build-tv-what = Has no good keyboard.
console-you-get = You’ll get
console-gives-code = Sign-in by authorization code with PKCE
console-gives-secret = A client secret that you can change without downtime
console-gives-refresh = Refresh tokens that change at every use
console-gives-no-secret-browser = No secret: a browser cannot keep one
console-gives-no-secret = No secret
console-gives-origins = Browser origins (CORS) filled in for you
console-gives-own-tokens = Tokens for the service itself
console-gives-no-page = No sign-in page, no consent
console-gives-short-code = A short code to type on a phone
console-steps = Steps
console-step-kind = Kind
console-step-name = Name and addresses
console-step-use = Copy the values
console-name-hint = People read it when they sign in.
console-continue = Continue
console-cancel = Cancel
console-back = Back
console-make-client = Make the client
console-client-made = { $client } is ready
console-made-what = Put these values into the application, and try its first sign-in.
console-client-id = Client id
console-client-secret = Client secret
console-to-client = To its settings
console-count = { $count ->
    [one] 1 in all
   *[other] { $count } in all
}
console-number = { $count }
console-times = { $count ->
    [one] once
   *[other] { $count } times
}
console-overview-of = { $tenant } today
console-figure-clients = Clients
console-figure-people = People
console-figure-failing = Clients that were refused something, 24 h
console-failing-title = Clients that need attention
console-failing-none = No client was refused anything in the last 24 hours.
console-changes-title = Lately
console-people-what = Everybody who has an account at { $tenant }.
console-people-search = Search people
console-people-search-hint = Name, username or email
console-people-all = Show everybody
console-people-none = Nobody yet
console-people-none-what = People come by registering, by an application that makes accounts, or through another identity provider.
console-people-no-match = Nobody matches { $text }
console-people-no-match-what = You can search by a part of the name, the username or the email address.
console-roles = Roles
console-last-sign-in = Last sign-in
console-person-active = Active
console-person-locked = Locked
console-person-leaving = Leaves soon
console-send-link = Send a password link
console-lock = Lock
console-unlock = Unlock
console-done-locked = Locked. They are signed out everywhere, and their tokens do not work.
console-done-unlocked = Unlocked. They can sign in again.
console-done-reset = A link is on its way, if they have an email address that is theirs.
console-done-ended = The sign-in is ended.
console-done-everywhere = Signed out everywhere. Every token of theirs is ended.
console-done-factors = The second factors are taken away. Next time the password alone is enough, unless one is demanded.
console-everywhere-of = Sign { $name } out everywhere?
console-everywhere-button = Sign out everywhere
console-factors-of = Take all second factors away from { $name }?
console-factors-button = Take them away
console-ends-sign-ins = every sign-in ends, on every device
console-ends-their-tokens = every token that applications hold for them stops working
console-ends-pending = links that were mailed to them lead nowhere
console-ends-factors = authenticator apps and passkeys do not count any more
console-ends-codes = recovery codes do not count any more
console-timeline = Timeline
console-timeline-none = Nothing is in the log about this person.
console-timeline-denied = You see what happened with the permission audit:read.
console-everything = Everything
console-failures = Failures
console-by = by { $name }
console-about-person = About this person
console-facts = Facts
console-id = Id
console-factors = Second factors
console-factors-none = None is set up.
console-signed-in-on = Signed in on
console-nowhere = Nowhere at the moment.
console-end = End
console-let-in = Applications that they have let in
console-let-in-none = None.
console-activity-what = Who did what, when, and from where.
console-activity-search = A person, an application or an id
console-activity-none = Nothing in the log matches
console-activity-none-what = Look for a whole username, client id or id. What is older than the log is kept is not there any more.
console-outcome = Outcome
console-outcome-any = Any outcome
console-outcome-success = Done
console-outcome-attempted = Tried
console-outcome-failure = Failed
console-outcome-refused = Refused
console-what = What
console-who = Who
console-when = When
