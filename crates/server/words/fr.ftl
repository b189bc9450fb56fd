# French.

## Everywhere

title = { $page } · { $tenant }
title-alone = { $page } · Writ
made-with = Writ
foot-terms = Conditions
foot-privacy = Confidentialité
foot-help = Aide
optional = (facultatif)
back-to-sign-in = Retour à la connexion
continue-to = Continuer vers { $client }
problem-title = Cela n’a pas fonctionné
refused-title = Demande refusée
what-to-do = Que faire
request-id = Identifiant de la demande :
about-error = Pour les développeurs : à propos de cette erreur
refused-remedy = Vous n’avez pas été renvoyé vers l’application. Retournez-y et réessayez. Si cela se reproduit, envoyez ce texte et l’identifiant de la demande aux responsables de l’application.
failed-remedy = Cela passera tout seul. Revenez en arrière et réessayez dans un instant.
busy = Le serveur est occupé. Attendez un instant, puis réessayez.
old-form = Cette page est restée ouverte trop longtemps, ou dans une autre fenêtre. Réessayez.
password-hint = 8 caractères ou plus. Quelques mots peu courants sont faciles à retenir et difficiles à deviner.
password-weak = Ce mot de passe est trop facile à deviner.
password-weak-remedy = Ajoutez quelques mots moins courants.
show-password = Afficher le mot de passe
caps-lock = Le verrouillage des majuscules est activé.
strength-fair = Correct
strength-good = Bon
strength-strong = Fort
copy = Copier
copy-codes = Copier les codes
copy-key = Copier la clé
copied = Copié
too-long = C’est trop long.
birthdate-wrong = Écrivez-la sous la forme année, mois et jour, par exemple 1990-12-31.
language = Langue

## What an application may

scope-openid = Vous connecter et savoir qui vous êtes
scope-profile = Voir votre nom et le reste de votre profil
scope-email = Voir votre adresse e-mail
scope-address = Voir votre adresse postale
scope-phone = Voir votre numéro de téléphone
scope-offline-access = Garder son accès en votre absence
scope-roles = Voir quels sont vos rôles
scope-groups = Voir dans quels groupes vous êtes
scope-oauth-read = Lire les clients, les scopes, les consentements et les jetons
scope-oauth-write = Modifier les clients, les scopes, les consentements et les jetons
scope-users-read = Lire les utilisateurs et les rôles
scope-users-write = Modifier les utilisateurs et les rôles
scope-sessions-read = Lire les sessions
scope-sessions-write = Mettre fin aux sessions
scope-audit-read = Lire le journal d’audit
scope-keys-read = Lire les clés d’API
scope-keys-write = Modifier les clés d’API
scope-tenants-read = Lire tous les tenants
scope-tenants-write = Modifier tous les tenants
scope-clients-trust = Décider à quelles applications se fier, et les modifier
scope-unnamed = Quelque chose qu’elle ne décrit pas

## Sign in

sign-in-title = Connexion
sign-in-to = pour continuer vers { $client }
choose-title = Choisir un compte
signed-in-as = Vous êtes connecté en tant que { $name }
continue-as = Continuer en tant que { $name }
or-somebody-else = ou se connecter avec un autre compte
prove-again = Saisissez le mot de passe de { $name } pour continuer, ou connectez-vous avec un autre compte.
username-label = Nom d’utilisateur ou e-mail
password-label = Mot de passe
sign-in-button = Se connecter
forgot = Mot de passe oublié ?
no-account = Pas encore de compte ?
register-link = S’inscrire
not-signed-in = Le nom d’utilisateur ou le mot de passe est incorrect, ou vous ne pouvez pas vous connecter pour le moment.
not-signed-in-remedy = Vérifiez les deux, ou choisissez un nouveau mot de passe.
unverified = Votre adresse e-mail n’est pas encore confirmée.
unverified-remedy = Ouvrez le lien de l’e-mail que nous vous avons envoyé, puis connectez-vous.
send-another-email = Envoyer un autre e-mail
too-many-sign-ins = Il y a eu trop d’échecs de connexion depuis votre réseau.
wait-and-retry = Attendez un instant, puis réessayez.
server-busy = Le serveur est occupé.

## Requests that are over

unknown-challenge = Cette connexion est terminée, ou elle a été commencée dans un autre navigateur. C’est aussi ce que l’on voit quand un navigateur ne garde pas les cookies.
unknown-challenge-remedy = Retournez à l’application d’où vous venez et connectez-vous à nouveau, dans ce navigateur.
over-answered = Vous avez déjà répondu à { $client }, et chaque demande ne reçoit qu’une réponse.
over-answered-remedy = Continuez dans { $client }. Si vous ne pouvez pas y entrer, connectez-vous-y à nouveau.
over-late = Une connexion doit être terminée en { $minutes } minutes, et celle-ci ne l’a pas été. { $client } n’a rien appris.
over-late-remedy = Retournez à { $client } et connectez-vous à nouveau.
over-ended = Vous avez accepté, mais avant votre retour vous vous êtes déconnecté, votre mot de passe a été changé, ou votre compte ou le consentement a été modifié. { $client } n’a rien appris.
over-somebody-else = La personne qui a accepté n’est pas celle qui est connectée ici. { $client } n’a rien appris.
over-somebody-else-remedy = Déconnectez-vous. Retournez ensuite à { $client } et connectez-vous avec le compte de la personne qui doit l’utiliser.
to-client = Vers { $client }
start-again = Se reconnecter sur { $client }

## Consent

consent-title = { $client } souhaite utiliser votre compte { $tenant }
use-another-account = Utiliser un autre compte
consent-nothing = Elle demande seulement votre accord, et aucune donnée.
consent-legend = Si vous acceptez, { $client } pourra :
always-included = Toujours inclus
nothing-ticked = Rien n’est coché. Cochez ce que { $client } peut avoir, ou choisissez Refuser.
consent-return = Vous reviendrez à { $target }. Vous pouvez retirer votre accord à tout moment dans { $account }.
consent-return-app = Vous reviendrez à une application sur cet appareil. Vous pouvez retirer votre accord à tout moment dans { $account }.
consent-more = { $count ->
    [one] 1 autre autorisation
   *[other] { $count } autres autorisations
}
consent-added = Ajoutée par { $tenant }
consent-by-itself = Cette application s’est enregistrée elle-même. Personne chez { $tenant } ne l’a vérifiée.
consent-by-document = Cette application se décrit elle-même à l’adresse { $host }. Personne chez { $tenant } ne l’a vérifiée. Ne continuez que si vous faites confiance à cette adresse.
consent-agent = { $client } est un agent : il agit seul en votre nom, même en votre absence, jusqu’au { $when }.
consent-resource = Utiliser ce service en votre nom
consent-no-value = Pas encore indiqué dans votre compte
your-account = votre compte
allow = Autoriser
deny = Refuser

## Devices

device-title = Connecter un appareil
device-what = Saisissez le code affiché par votre appareil.
device-code-label = Code
device-button = Continuer
device-unknown = Rien n’attend sous ce code. Comparez-le avec celui de votre appareil. Un code dure dix minutes ; si le vôtre est plus ancien, faites-en afficher un autre.
device-allowed-title = Votre appareil peut continuer
device-allowed = Vous pouvez fermer cette page. Votre appareil continue de lui-même dans quelques secondes.
device-denied-title = Votre appareil n’obtient rien
device-denied = Vous avez refusé, et votre appareil en est informé. Vous pouvez fermer cette page.
consent-device = Ne continuez que si un appareil devant vous affiche le code { $code }. La demande vient de { $place }. Si quelqu’un vous a envoyé ce code, refusez.
consent-device-somewhere = Ne continuez que si un appareil devant vous affiche le code { $code }. Si quelqu’un vous a envoyé ce code, refusez.
consent-return-device = Votre appareil continue de lui-même. Vous pouvez retirer votre accord à tout moment dans { $account }.

## Sign out

sign-out-title = Déconnexion
sign-out-what = Vous êtes connecté en tant que { $name }. La déconnexion y met fin pour toutes les applications de { $tenant } dans ce navigateur.
sign-out-button = Se déconnecter
signed-out-title = Déconnecté
signed-out-done = Vous êtes déconnecté de { $tenant } dans ce navigateur. Les applications perdent l’accès qu’elles avaient par cette connexion, sauf celles que vous avez autorisées à le garder en votre absence.
signed-out-before = Personne n’est connecté à { $tenant } dans ce navigateur. Pour vous connecter, allez à l’application que vous voulez utiliser.
signed-out-on = Continuer
signed-out-shared = Sur un ordinateur partagé, fermez aussi la fenêtre du navigateur.
still-signed-in = Vous êtes toujours connecté. La page qui vous l’a demandé est restée ouverte trop longtemps, ou dans une autre fenêtre.
still-signed-in-remedy = Ouvrez-la à nouveau et déconnectez-vous.

check-session-title = État de la session

## The answer in a form

form-post-title = Retour à l’application
form-post-what = Encore une étape, car votre navigateur n’exécute pas de scripts ici.
continue = Continuer

## Register

register-title = Inscription
register-at = pour avoir un compte { $tenant }
register-username = Adresse e-mail ou nom d’utilisateur
register-name = Votre nom
register-button = S’inscrire
have-account = Vous avez un compte ?
sign-in-link = Se connecter
welcome-title = Bienvenue
welcome-confirm = Nous avons envoyé un lien à l’adresse e-mail que vous avez donnée. Confirmez l’adresse avec ce lien, puis connectez-vous.
welcome = Si vous avez donné une adresse e-mail, nous avons envoyé un lien pour la confirmer. Vous pouvez vous connecter maintenant.

## A new password

reset-title = Nouveau mot de passe
reset-what = Saisissez le nom avec lequel vous vous connectez à { $tenant }. Nous enverrons un lien à l’adresse e-mail de ce compte.
reset-signs-out = Vous serez déconnecté partout où vous êtes connecté.
username-or-address = Nom d’utilisateur ou adresse e-mail
send-link = Envoyer le lien
new-password-label = Nouveau mot de passe
set-password = Enregistrer le mot de passe
reset-done-title = Votre nouveau mot de passe est enregistré
reset-done = Vous pouvez vous connecter avec lui. Partout où vous étiez connecté, vous avez été déconnecté.
check-email-title = Consultez vos e-mails
reset-sent = S’il existe un compte avec ce nom et une adresse e-mail, nous y avons envoyé un lien. Il fonctionne une fois, pendant 30 minutes.
no-mail = Ce serveur n’envoie pas d’e-mails et ne peut donc pas vous envoyer de lien. Demandez à ses responsables : ils peuvent le faire pour vous.
dead-link-title = Ce lien ne fonctionne plus
dead-link = Il a déjà été utilisé, il a expiré, ou il n’est pas complet.
another-link = Demander un autre lien

## An email address

verify-title = Confirmer votre adresse e-mail
verify-what = Saisissez le nom avec lequel vous vous connectez à { $tenant }. Nous enverrons un lien à l’adresse e-mail de ce compte, si elle n’est pas encore confirmée.
verify-mine = Quelqu’un a donné cette adresse pour un compte. Ne la confirmez que si c’était vous.
verify-button = Cette adresse est à moi
verify-done-title = Votre adresse e-mail est confirmée
verify-done = Merci. Vous pouvez reprendre là où vous étiez, ou fermer cette page.
verify-sent = S’il existe un compte avec ce nom et une adresse e-mail non confirmée, nous y avons envoyé un lien. Il fonctionne une fois, pendant 24 heures.
verify-expired = Ce lien a expiré. Nous pouvons en envoyer un autre à la même adresse.
verify-again = Envoyer un autre lien
taken-title = Cette adresse est déjà utilisée

## For developers

mailbox-title = Boîte aux lettres
mailbox-what = Les e-mails aux personnes, les plus récents d’abord. Aucun serveur de messagerie n’est configuré : ils sont donc affichés ici, sur cette machine seulement.
mailbox-empty = Il n’y en a pas.
mailbox-to = à { $to }
follow-link = Suivre le lien
all-mail = Tous les e-mails
errors-title = Erreurs
errors-what = Les réponses d’erreur du point de terminaison des jetons et des API contiennent une error_uri, qui mène à l’une de ces pages.
all-errors = Toutes les erreurs

## The account

skip = Aller au contenu
account-title = Votre compte
sign-in-to-account = à votre compte { $tenant }
profile-title = Profil
security-title = Sécurité
devices-title = Appareils
applications-title = Applications ayant accès
applications-short = Applications
allowed-when = Autorisée
agent-until = Agent : peut agir en votre nom jusqu’au { $when }
agent-over = Agent : son délai est écoulé
activity-title = Activité
back-to-account = Retour à votre compte
edit = Modifier
change = Modifier
save = Enregistrer
none = Aucune
username-alone = Nom d’utilisateur
email-label = E-mail
confirmed = Confirmée
not-confirmed = Non confirmée
email-pending = Nouvel e-mail
email-waits = En attente : ouvrez le lien que nous y avons envoyé
member-since = Compte depuis
security-what = Comment vous prouvez que c’est bien vous.
last-sign-in = Dernière utilisation : { $when }
devices-what = Où vous êtes connecté en ce moment. Déconnecter un appareil met fin à son accès en quelques secondes.
this-device = Cet appareil
by-administrator = par un administrateur
unknown-device = Appareil inconnu
sign-out-device = Déconnecter { $device }
sign-out-others = Se déconnecter partout ailleurs
applications-what = Vous leur avez permis d’utiliser votre compte.
applications-none = Aucune application n’a encore demandé votre accord.
remove = Retirer
remove-application = Retirer l’accès de { $client }
show-older = Afficher les plus anciens
download-data = Télécharger vos données
delete-account = Supprimer votre compte

edit-profile-title = Modifier votre profil
for-example = Par exemple { $example }
picture-hint = PNG, JPEG ou WebP, 1 Mo au plus. L’image est recadrée en carré, et les applications qui peuvent voir votre profil l’affichent.
picture-upload = Envoyer l’image
picture-remove = Supprimer l’image
picture-wrong = Nous ne pouvons pas afficher ce fichier comme image. Choisissez un fichier PNG, JPEG ou WebP de 1 Mo au plus.
change-email-title = Changer d’adresse e-mail
change-email-what = Votre adresse est { $email }. Nous envoyons un lien à la nouvelle, et elle devient la vôtre quand vous ouvrez le lien.
change-email-waits = Nous avons envoyé un lien à { $email }. Elle devient votre adresse quand vous ouvrez le lien.
change-email-first = Nous envoyons un lien à l’adresse, et elle devient la vôtre quand vous ouvrez le lien.
change-email-button = Envoyer le lien
forget-email = Garder l’adresse actuelle
new-email-label = Nouvelle adresse e-mail
change-password = Changer de mot de passe
change-password-what = Vous restez connecté ici. Partout ailleurs, vous êtes déconnecté.
change-password-button = Changer de mot de passe
current-password-label = Votre mot de passe actuel
current-password-wrong = Ce n’est pas votre mot de passe actuel.

done-name = Votre profil est enregistré.
done-picture = Votre image est enregistrée.
done-picture-gone = Votre image est supprimée.
done-email = Nous avons envoyé un lien à votre nouvelle adresse. Ouvrez-le pour confirmer le changement.
done-email-kept = Votre adresse reste la même.
done-password = Votre mot de passe est changé. Vous êtes déconnecté partout ailleurs.
done-device = Cet appareil est déconnecté.
done-devices = Vous êtes déconnecté partout sauf ici.
done-application = L’application n’a plus accès.
leave-what = Vous supprimez ainsi { $name } chez { $tenant }.
leave-out = Vous êtes déconnecté partout aussitôt, et aucune application ne peut plus utiliser votre compte.
leave-grace = Jusqu’au { $when }, vous pouvez changer d’avis : connectez-vous et gardez votre compte. Ensuite, il est supprimé pour de bon.
leave-now = Le compte est supprimé aussitôt. Il ne peut pas être rétabli.
leave-gone = Votre profil, votre mot de passe, vos connexions et les accès donnés aux applications sont supprimés.
leave-stays = Ce que les applications savent de vous reste chez elles, et { $tenant } garde un journal de ce qui est arrivé au compte. Vous pouvez d’abord { $data }.
leave-data = télécharger vos données
leave-button = Supprimer mon compte
left-title = Votre compte va être supprimé
left-until = Vous êtes déconnecté partout. Le compte sera supprimé le { $when }. D’ici là, personne ne peut l’utiliser, et vous pouvez encore le garder.
left-keep = Se connecter et le garder
left-now-title = Votre compte est supprimé
left-now = Vous êtes déconnecté partout, et rien du compte ne peut plus être utilisé.
keep-title = Garder votre compte ?
keep-what = { $name } doit être supprimé le { $when }, comme vous l’avez demandé. Si vous le gardez, il reste à vous comme avant.
keep-button = Garder mon compte
done-kept = Votre compte reste. Les applications que vous utilisez vous demandent de vous reconnecter.
event-leaving = Vous avez demandé la suppression du compte
event-kept = Vous avez gardé votre compte

activity-what = Les 30 derniers jours. Y a-t-il quelque chose que vous ne reconnaissez pas ?
activity-none = Il ne s’est rien passé ces 30 derniers jours.
event-signed-in = Connexion
event-sign-in-failed = Une connexion a échoué
event-created = Le compte a été créé
event-updated = Le compte a été modifié
event-roles = Vos rôles ont été modifiés
event-enabled = Le compte a été débloqué
event-disabled = Le compte a été bloqué
event-reset-requested = Quelqu’un a demandé un lien pour un nouveau mot de passe
event-reset = Un nouveau mot de passe a été choisi
event-email-verified = Votre adresse e-mail a été confirmée
event-signed-out = Déconnexion
event-approved = { $client } a été autorisée à utiliser le compte
event-denied = { $client } a été refusée
an-application = Une application
event-withdrawn = L’accès d’une application a été retiré
event-tokens-revoked = L’accès d’applications a pris fin
event-replayed = Quelqu’un a réutilisé ce qui avait déjà servi : l’accès d’une application a donc pris fin

claim-given-name = Prénom
claim-family-name = Nom de famille
claim-middle-name = Deuxième prénom
claim-nickname = Surnom
claim-profile = Page de profil
claim-picture = Photo
claim-website = Site web
claim-gender = Genre
claim-birthdate = Date de naissance
claim-zoneinfo = Fuseau horaire
claim-locale = Langue
claim-address = Adresse
claim-street = Rue
claim-locality = Ville
claim-region = Région
claim-postal-code = Code postal
claim-country = Pays
claim-phone = Téléphone
claim-phone-confirmed = Si votre numéro de téléphone est confirmé
claim-email-confirmed = Si votre adresse e-mail est confirmée
claim-updated = Date de la dernière modification de votre profil

when-now = à l’instant
when-minutes = { $count ->
    [one] il y a { $count } minute
   *[other] il y a { $count } minutes
}
when-hours = { $count ->
    [one] il y a { $count } heure
   *[other] il y a { $count } heures
}
when-date = { $day } { $month } { $year }
month-january = janvier
month-february = février
month-march = mars
month-april = avril
month-may = mai
month-june = juin
month-july = juillet
month-august = août
month-september = septembre
month-october = octobre
month-november = novembre
month-december = décembre

## Two-step sign-in

factor-title = Saisissez votre code
factor-what = { $name } est protégé par une deuxième étape. Saisissez le code affiché par votre application d’authentification.
factor-code-label = Code de l’application
factor-button = Continuer
factor-use-recovery = Utiliser plutôt un code de secours
factor-use-app = Utiliser plutôt l’application
factor-wrong = Ce code n’est pas correct.
factor-wrong-remedy = Chaque code sert une seule fois, pendant une demi-minute environ. Saisissez celui que l’application affiche maintenant.
recovery-what = Saisissez l’un des codes de secours que vous avez conservés pour { $name }. Chacun sert une seule fois.
recovery-code-label = Code de secours
recovery-wrong = Ce code de secours n’est pas correct.
recovery-wrong-remedy = Vérifiez votre saisie. Un code déjà utilisé ne sert plus.
too-many-codes = Il y a eu trop de codes incorrects.
authenticator-title = Configurer une application d’authentification
authenticator-required = { $tenant } demande une deuxième étape à la connexion : un code fourni par une application. Configurez-la maintenant.
authenticator-what = À la connexion, vous saisirez un code de l’application après votre mot de passe.
authenticator-scan = Ouvrez une application d’authentification sur votre téléphone et scannez cette image.
authenticator-picture = Image pour la caméra d’une application d’authentification
authenticator-open = Ouvrir dans une application sur cet appareil
authenticator-key = Ou saisissez cette clé dans l’application :
authenticator-code-hint = L’application affiche six chiffres dès qu’elle connaît la clé.
authenticator-button = Activer
authenticator-name = Application d’authentification
authenticator-name-label = Votre nom pour cette application
codes-title = Conservez vos codes de secours
codes-what = Si vous perdez votre téléphone, l’un de ces codes remplace l’application à la connexion. Imprimez-les ou notez-les.
codes-once = Chacun sert une seule fois. Ils ne s’affichent que maintenant.
codes-kept = Je les ai conservés
two-step = Connexion en deux étapes
two-step-off = Désactivée : votre mot de passe suffit pour vous connecter.
two-step-on = Activée : après votre mot de passe, vous utilisez aussi une application ou une clé d’accès.
two-step-add = Ajouter une application
factor-set-up = Configurée { $when }
factor-used = Dernière utilisation { $when }
factor-remove = Supprimer { $factor }
factor-remove-title = Supprimer cette application ?
factor-remove-what = Les codes de { $factor } ne permettront plus de vous connecter. Si c’est votre seule application, vos codes de secours disparaissent avec elle.
recovery-codes = Codes de secours
recovery-codes-left = { $count ->
    [one] { $count } code restant
   *[other] { $count } codes restants
}
codes-renew = Créer de nouveaux codes
codes-renew-title = Créer de nouveaux codes de secours ?
codes-renew-what = Les codes que vous avez maintenant ne serviront plus.
done-factor-added = L’application est configurée.
done-factor-removed = L’application est supprimée.
event-password-accepted = Le bon mot de passe a été saisi, et un code a été demandé
event-factor-added = Une application d’authentification ou une clé d’accès a été configurée
event-factor-removed = Une application d’authentification ou une clé d’accès a été supprimée
event-codes = De nouveaux codes de secours ont été créés

## Letters

mail-button-fails = Si le bouton ne fonctionne pas, ouvrez cette adresse :
mail-reset-subject = Choisir un nouveau mot de passe pour { $tenant }
mail-reset-asked = Quelqu’un, vous sans doute, a demandé un nouveau mot de passe pour votre compte { $tenant }.
mail-reset-what = Ce lien mène à un formulaire où vous pouvez en choisir un. Il fonctionne une fois, pendant 30 minutes.
mail-reset-link = Choisir un nouveau mot de passe
mail-reset-ignore = Si ce n’était pas vous, ignorez cet e-mail : votre mot de passe reste le même.
mail-verify-subject = Confirmer votre adresse e-mail pour { $tenant }
mail-verify-given = Cette adresse a été donnée pour un compte { $tenant }.
mail-verify-what = Confirmez avec ce lien qu’elle est à vous. Il fonctionne une fois, pendant 24 heures.
mail-verify-link = Confirmer cette adresse
mail-verify-ignore = Si vous n’avez pas de tel compte, ignorez cet e-mail.
mail-password-subject = Votre mot de passe pour { $tenant } a été changé
mail-password-what = Le mot de passe de votre compte { $tenant } a été changé, et vous avez été déconnecté partout.
mail-password-not-you = Si ce n’était pas vous, choisissez tout de suite un nouveau mot de passe et prévenez les responsables du service.
mail-changing-subject = Une autre adresse e-mail pour votre compte { $tenant }
mail-changing-what = Une autre adresse e-mail a été donnée pour votre compte { $tenant }. Celle-ci reste la vôtre jusqu’à ce que l’autre soit confirmée.
mail-changing-not-you = Si ce n’était pas vous, choisissez tout de suite un nouveau mot de passe, ce qui fait aussi oublier l’autre adresse, et prévenez les responsables du service.
mail-changed-subject = Votre adresse e-mail pour { $tenant } a été changée
mail-changed-what = Votre compte { $tenant } a maintenant une autre adresse e-mail. Les messages y seront envoyés désormais.
mail-changed-not-you = Si ce n’était pas vous, prévenez tout de suite les responsables du service.
mail-leaving-subject = Votre compte chez { $tenant } va être supprimé
mail-leaving-what = Vous avez demandé la suppression de votre compte. Il sera supprimé le { $when }. D’ici là, personne ne peut l’utiliser.
mail-leaving-keep = Pour le garder, connectez-vous avant cette date.
mail-leaving-not-you = Si ce n’était pas vous, connectez-vous, gardez votre compte et choisissez un nouveau mot de passe.
mail-kept-subject = Votre compte chez { $tenant } est conservé
mail-kept-what = Votre compte devait être supprimé, et un administrateur l’a conservé. Vous pouvez vous connecter et l’utiliser comme avant.
mail-kept-again = Si vous voulez toujours le supprimer, supprimez-le à nouveau sur la page de votre compte.
mail-left-subject = Votre compte chez { $tenant } est supprimé
mail-left-what = Votre compte est supprimé, comme vous l’avez demandé. Il ne peut pas être rétabli.
mail-left-after = Ceci est le dernier message à ce sujet.
mail-registered-subject = Vous avez un compte { $tenant }
mail-registered-what = Quelqu’un, vous sans doute, a voulu s’inscrire à { $tenant } avec un nom que vous utilisez déjà.
mail-registered-reset = Si c’était vous et que vous avez oublié votre mot de passe, vous pouvez en choisir un nouveau ici.
mail-registered-ignore = Si ce n’était pas vous, ignorez cet e-mail : rien n’a été changé.
mail-factor-added-subject = Une application d’authentification a été configurée pour { $tenant }
mail-factor-added-what = La connexion à votre compte chez { $tenant } demande maintenant aussi un code d’une application d’authentification.
mail-factor-removed-subject = Une application d’authentification a été supprimée de { $tenant }
mail-factor-removed-what = Une application d’authentification a été supprimée de votre compte chez { $tenant }. Ses codes ne permettent plus de se connecter.
mail-codes-subject = Nouveaux codes de secours pour { $tenant }
mail-codes-what = De nouveaux codes de secours ont été créés pour votre compte chez { $tenant }. Les précédents ne servent plus.
mail-code-used-subject = Un code de secours a été utilisé chez { $tenant }
mail-code-used-what = Quelqu’un s’est connecté à votre compte chez { $tenant } avec un code de secours. Codes restants : { $left }.
mail-factor-not-you = Si ce n’était pas vous, définissez tout de suite un nouveau mot de passe et prévenez les responsables du service.

# Autres fournisseurs d’identité
continue-with = Continuer avec { $provider }
or = ou
upstream-denied = Vous ne vous êtes pas connecté chez { $provider }.
upstream-denied-remedy = Réessayez, ou choisissez un autre moyen.
upstream-failed = La connexion chez { $provider } n’a pas fonctionné.
upstream-failed-remedy = { $provider } ne répond pas, ou pas comme prévu. Réessayez dans un instant, ou choisissez un autre moyen.
upstream-taken = Un compte existe déjà avec cette adresse e-mail.
upstream-taken-remedy = Connectez-vous avec votre mot de passe. Vous pourrez ensuite associer { $provider } sur la page de votre compte.
upstream-none = Il n’y a pas de compte ici pour vous chez { $provider }.
upstream-none-remedy = Adressez-vous à qui gère ce service.
upstream-address = { $provider } n’a donné aucune adresse e-mail confirmée.
upstream-address-remedy = Confirmez-y votre adresse, puis réessayez.
upstream-account-remedy = Tout va bien chez { $provider }. Adressez-vous à qui gère ce service.
upstream-unknown = Cette connexion n’a pas commencé ici.
upstream-unknown-remedy = Elle a duré trop longtemps ou a commencé dans un autre navigateur. Revenez d’où vous venez, puis réessayez.
connection-add = Associer { $provider }
connection-add-title = Associer un autre compte
connection-add-what = Vous pourrez vous connecter avec { $provider }. Montrez d’abord que c’est bien vous, puis connectez-vous là-bas.
connection-go = Continuer
connection-remove = Retirer l’association avec { $provider }
connection-remove-title = Retirer cette association ?
connection-remove-what = Vous ne pourrez plus vous connecter avec { $provider }.
connection-sign-in = Pour changer votre façon de vous connecter ({ $provider }), montrez d’abord que c’est bien vous : reconnectez-vous.
connection-last = { $provider } est votre seul moyen de connexion. Définissez d’abord un mot de passe.
connection-elsewhere = Ce compte chez { $provider } est déjà associé à un autre compte ici.
connection-already = Vous avez déjà associé un compte chez { $provider }. Retirez-le d’abord.
done-connected = Votre compte est associé.
done-connection-removed = L’association est retirée.
mail-linked-subject = { $left } a été associé à votre compte
mail-linked-what = On peut désormais se connecter à votre compte chez { $tenant } avec { $left }.
mail-unlinked-subject = { $left } a été retiré de votre compte
mail-unlinked-what = On ne peut plus se connecter à votre compte chez { $tenant } avec { $left }.
mail-linked-not-you = Si ce n’était pas vous, changez votre mot de passe et vérifiez les moyens de connexion sur la page de votre compte.
## Passkeys

passkey-sign-in = Se connecter avec une clé d’accès
passkey-use = Utiliser une clé d’accès
passkey-instead-of-password = Utiliser une clé d’accès au lieu du mot de passe
passkey-make = Créer une clé d’accès
or-passkey = Ou créez plutôt une clé d’accès
passkey-failed = Aucune clé d’accès n’a été utilisée. Réessayez, ou connectez-vous autrement.
passkey-not-made = Aucune clé d’accès n’a été créée. Réessayez, ou utilisez un autre appareil.
passkey-without = Il faut pour cela un navigateur qui connaît les clés d’accès et exécute les scripts.
passkey-refused = Cette clé d’accès n’a pas été acceptée.
passkey-refused-remedy = Réessayez, ou connectez-vous autrement.
passkey-title = Utilisez votre clé d’accès
passkey-what = { $name } est protégé par une deuxième étape. Prouvez avec votre clé d’accès que c’est bien vous.
passkey-called = { $name } chez { $tenant }
passkey-name = Clé d’accès
passkey-name-label = Votre nom pour cette clé d’accès
passkey-new-title = Créer une clé d’accès
passkey-new-what = Avec une clé d’accès, vous vous connectez sans mot de passe : avec votre empreinte, votre visage ou le code PIN de votre appareil.
passkey-first-what = Avec une clé d’accès, vous vous connectez sans mot de passe : avec votre empreinte, votre visage ou le code PIN de votre appareil. À qui se connecte avec votre mot de passe, la clé d’accès est ensuite demandée aussi, ou l’un des codes de secours que vous allez recevoir.
passkey-remove-title = Supprimer cette clé d’accès ?
passkey-remove-what = { $factor } ne permettra plus de vous connecter. Supprimez-la aussi sur votre appareil. Si vous n’avez ni autre clé d’accès ni application, vos codes de secours disparaissent avec elle.
passkeys-title = Clés d’accès
passkeys-what = Connectez-vous avec votre appareil, sans mot de passe.
password-too-title = Saisissez aussi votre mot de passe
password-too-what = Votre clé d’accès n’a pas vérifié que c’est bien vous. Saisissez le mot de passe de { $name } pour continuer.
factor-use-passkey = Utiliser plutôt la clé d’accès
done-passkey-added = La clé d’accès est créée.
done-passkey-removed = La clé d’accès est supprimée.
event-passkey-copied = Une clé d’accès a été refusée : il en existe peut-être une copie
mail-passkey-added-subject = Une clé d’accès a été créée pour { $tenant }
mail-passkey-added-what = Une clé d’accès a été créée pour votre compte chez { $tenant }. Elle permet de se connecter sans mot de passe. À qui saisit le mot de passe, elle est demandée aussi.
mail-passkey-removed-subject = Une clé d’accès a été supprimée chez { $tenant }
mail-passkey-removed-what = Une clé d’accès a été supprimée de votre compte chez { $tenant }. Elle ne permet plus à personne de se connecter.
mail-factors-removed-subject = La connexion en deux étapes a été réinitialisée chez { $tenant }
mail-factors-removed-what = Une personne de l’administration a supprimé toutes les clés d’accès, applications d’authentification et codes de secours de votre compte chez { $tenant }.
mail-passkey-copied-subject = Une clé d’accès a été refusée chez { $tenant }
mail-passkey-copied-what = Votre clé d’accès { $factor } indique avoir servi moins souvent que nous le savons. Quelqu’un en a peut-être une copie. Elle a été refusée.
mail-passkey-copied-do = Supprimez cette clé d’accès sur la page de votre compte et créez-en une nouvelle. Si vous ne venez pas de l’utiliser, changez aussi votre mot de passe.

## Signing in by mail

mailed-way = M’envoyer un lien de connexion par e-mail
mailed-title = Se connecter par e-mail
mailed-what = Saisissez le nom ou l’adresse e-mail avec lesquels vous vous connectez à { $tenant }. Nous y enverrons un lien et un code.
mailed-button = Envoyer l’e-mail
mailed-sent = S’il existe un compte avec ce nom et une adresse e-mail confirmée, nous y avons envoyé un lien et un code. Ils fonctionnent une fois, pendant 10 minutes, dans ce navigateur.
mailed-code-label = Code reçu par e-mail
mailed-again = Envoyer un autre e-mail
mailed-confirm = Se connecter à { $tenant } en tant que { $name } ?
mailed-elsewhere-title = Vous n’avez pas commencé dans ce navigateur
mailed-elsewhere = Le lien ne fonctionne que là où vous l’avez demandé. Ouvrez-le là, ou saisissez le code de l’e-mail sur la page qui y est ouverte.
mailed-wrong = Ce lien ou ce code ne fonctionne pas.
mailed-wrong-remedy = Chacun fonctionne une fois, pendant 10 minutes. Vérifiez votre saisie, ou demandez un autre e-mail.
mailed-second-title = Confirmez que c’est bien vous
mailed-second-what = { $tenant } demande une deuxième étape. Nous pouvons envoyer un code à { $email }.
mailed-second-send = M’envoyer un code par e-mail
mailed-second-sent = Nous avons envoyé un code à { $email }. Il fonctionne une fois, pendant 10 minutes.
mailed-second-again = Envoyer un autre code
mailed-second-app = Configurer plutôt une application ou une clé d’accès
mailed-second-many = Plusieurs e-mails vous ont déjà été envoyés. Attendez quelques minutes, puis réessayez.
event-sign-in-mail = Quelqu’un a demandé un e-mail pour se connecter
event-mail-accepted = Un lien ou un code reçu par e-mail a servi à se connecter
mail-sign-in-subject = Se connecter à { $tenant }
mail-sign-in-asked = Quelqu’un, vous sans doute, veut se connecter à { $tenant } avec cet e-mail.
mail-sign-in-what = Appuyez sur le bouton dans le navigateur où vous l’avez demandé, ou saisissez-y ce code. Il fonctionne une fois, pendant 10 minutes.
mail-sign-in-link = Se connecter
mail-sign-in-ignore = Si ce n’était pas vous, ignorez cet e-mail. Ne donnez le code à personne : qui vous le demande veut entrer dans votre compte.
mail-code-subject = Votre code pour { $tenant }
mail-code-what = Quelqu’un, vous sans doute, se connecte à { $tenant } et doit saisir ce code. Il fonctionne une fois, pendant 10 minutes.
mail-code-ignore = Si ce n’était pas vous, ne donnez le code à personne et choisissez un nouveau mot de passe : quelqu’un connaît le vôtre.

## Devices that are remembered

remember-device = { $count ->
    [one] Ne plus demander sur cet appareil pendant un jour
   *[other] Ne plus demander sur cet appareil pendant { $count } jours
}
remembered-since = Deuxième étape non demandée depuis { $when }, jusqu’au { $until }
remembered-forget = Demander à nouveau
remembered-forget-device = Demander à nouveau la deuxième étape sur { $device }
done-forgotten = La deuxième étape y est demandée à nouveau.
event-device-forgotten = La deuxième étape est demandée à nouveau sur des appareils

## The console

when-moment = { $date } à { $time } UTC
console-title = Console
console-overview = Vue d’ensemble
console-clients = Applications
console-people = Personnes
console-audit = Activité
console-docs = Documentation
console-open-menu = Ouvrir le menu
console-search = Tout rechercher
console-search-hint = Rechercher ou coller un identifiant
console-search-button = Rechercher
console-search-what = Vous pouvez chercher des applications et des personnes par nom, adresse ou identifiant.
console-search-none = Aucun résultat pour { $text }
console-keys = Clavier
console-close = Fermer
console-you-are-here = Vous êtes ici
console-again-title = Se reconnecter
console-again-two = Il faut deux étapes : votre mot de passe, puis votre application ou votre clé d’accès.
console-again-fresh = Votre connexion date déjà un peu. Confirmez que c’est bien vous, et vous reprendrez où vous étiez.
console-again-button = Se connecter et continuer
console-gone-title = Il n’y a rien ici
console-gone = Cela a peut-être été supprimé, ou appartient à un autre locataire.
console-denied-title = Vous n’y êtes pas autorisé
console-to-start = Vers la vue d’ensemble
console-pages = Pages
console-first-page = Première page
console-next-page = Suivante
console-see-all = Tout voir
console-all = Toutes
console-unused = Inutilisées 90 jours
console-name = Nom
console-kind = Type
console-state = État
console-last-used = Dernière utilisation
console-never = jamais
console-never-used = pas encore utilisé
console-kind-web = Web
console-kind-spa = Monopage
console-kind-native = Appli
console-kind-machine = Service
console-kind-device = Appareil
console-state-working = Fonctionne
console-state-failing = En échec
console-state-off = Désactivée
console-state-unused = Pas encore utilisée
console-clients-what = Applications et services qui utilisent { $tenant } pour connecter des personnes ou appeler des API.
console-clients-search = Rechercher une application
console-clients-search-hint = Nom ou identifiant
console-clients-all = Voir toutes les applications
console-clients-none = Aucune application pour l’instant
console-clients-none-what = Une application ou un service obtient ici des jetons. Dites ce que vous construisez, et les réglages suivent.
console-clients-no-match = Aucune application ne correspond à { $text }
console-clients-no-match-what = Vous pouvez chercher une partie du nom ou de l’identifiant.
console-clients-none-unused = Toutes les applications sont utilisées
console-clients-none-unused-what = Chacune a obtenu un jeton depuis moins de 90 jours, ou est plus récente.
console-client-new = Nouvelle application
console-done-saved = Enregistré. Cela vaut dès la prochaine requête.
console-done-client-on = Activée.
console-done-client-off = Désactivée. Elle n’obtient plus de jetons, et les siens ne valent plus.
console-done-client-deleted = L’application est supprimée.
console-switch-off = Désactiver
console-switch-on = Activer
console-delete = Supprimer
console-delete-of = Supprimer { $client } ?
console-delete-button = Supprimer { $client }
console-delete-what = C’est irréversible. Dès la suppression :
console-delete-instead = Pas sûr ? Désactivez-la plutôt. Vous pourrez la réactiver, rien n’est perdu.
console-ends-tokens = ses jetons cessent aussitôt de fonctionner
console-ends-people = on ne peut plus se connecter par elle
console-ends-consents = ce que les personnes lui ont permis est oublié
console-ends-secret = son identifiant et ses secrets ne vaudront plus jamais
console-log-stays = Le journal de ce qui s’est passé demeure
console-confirm = Saisissez { $name } pour confirmer
console-confirm-wrong = Ce n’est pas le nom. Saisissez-le comme affiché ci-dessus.
console-keep-it = La garder
console-why-title = Pourquoi cette application échoue-t-elle ?
console-last-day = ces dernières 24 heures
console-why-nothing = Rien n’a été refusé ces dernières 24 heures.
console-sent = Envoyé
console-registered = Enregistré
console-add-address = Ajouter cette adresse
console-about-error = À propos de cette erreur
console-why-address = L’adresse de redirection n’est pas enregistrée
console-why-address-what = Les adresses sont comparées lettre par lettre. Si l’application a raison, ajoutez l’adresse envoyée.
console-why-address-foreign = Elle se trouve ailleurs que celles enregistrées. N’importe qui peut envoyer une telle requête : ne l’ajoutez que si elle est bien à vous.
console-why-secret = L’authentification n’est pas la bonne
console-why-secret-what = Le plus souvent, un serveur a gardé un ancien secret, ou une lettre manque. Comparez les quatre dernières lettres ci-dessous, ou changez le secret.
console-why-scope = Elle demande des portées qu’elle ne peut avoir
console-why-scope-what = Donnez-lui la portée ci-dessous, ou retirez-la de la requête.
console-why-grant = Elle utilise un octroi qu’elle n’a pas
console-why-grant-what = Activez l’octroi ci-dessous si l’application doit l’utiliser.
console-why-code = Un code ou un jeton d’actualisation ne valait plus
console-why-code-what = Chacun vaut une fois, pour un temps. Si c’est fréquent, l’application en envoie un deux fois ou en garde un vieux.
console-why-limit = Elle demande trop souvent
console-why-limit-what = Gardez chaque jeton jusqu’à son expiration. S’il en faut vraiment plus, relevez son débit.
console-why-else = Une requête a été refusée
console-why-else-what = Le journal dit pourquoi ; la page de l’erreur dit quoi changer.
console-addresses = Adresses
console-addresses-what = Où les personnes peuvent être envoyées après connexion. Correspondance exacte.
console-redirect-uris = Adresses de redirection
console-redirect-uris-hint = Une par ligne, par exemple https://app.example/callback. Pour 127.0.0.1, tout port convient.
console-goodbye-uris = Adresses après déconnexion
console-one-a-line = Une par ligne.
console-origins = Origines du navigateur
console-origins-hint = Une par ligne. Vide : celles des adresses de redirection.
console-secrets = Secrets
console-secrets-what = Deux peuvent valoir en même temps, pour que rien ne casse pendant le changement.
console-secret-active = Actif
console-secret-over = Terminé
console-secret-ends = { $count ->
    [one] Se termine dans l’heure
   *[other] Se termine dans { $count } heures
}
console-secret-change = Changer le secret
console-secret-change-of = Changer le secret de { $client } ?
console-secret-changed = { $client } a un nouveau secret
console-secret-once = Ceci n’est affiché qu’une fois. Copiez-le maintenant là où l’application le garde.
console-secret-two = Un ancien secret vaut encore. Il prend fin aussitôt si vous continuez ; le plus récent vaut encore selon votre choix.
console-overlap = Combien de temps l’ancien secret vaut-il encore ?
console-overlap-what = Installez le nouveau secret sur chaque serveur tant que l’ancien vaut encore.
console-overlap-hour = Une heure
console-overlap-day = Un jour
console-overlap-week = Une semaine
console-overlap-none = Il prend fin maintenant : quelqu’un d’autre le connaît peut-être
console-keep-secret = Garder le secret
console-old-secret = Ancien secret
console-old-secret-until = vaut jusqu’au
console-access = Accès
console-access-what = Comment elle obtient des jetons, et pour quoi.
console-grants = Octrois
console-grant-code = Des personnes se connectent
console-grant-refresh = Elle reste connectée en l’absence des personnes
console-grant-machine = Elle agit pour elle-même
console-grant-device = On se connecte sur un autre appareil
console-grant-password = Elle reçoit les mots de passe des personnes
console-grant-implicit = Elle reçoit des jetons par le navigateur
console-grant-exchange = Elle échange des jetons pour l’API suivante
console-scopes = Portées
console-scopes-hint = Séparées par des espaces, par exemple openid profile email.
console-trust = Confiance
console-first-party = L’une des nôtres
console-first-party-what = Le consentement n’est pas demandé
console-pkce = Exiger PKCE
console-pkce-what = Un code volé ne sert à personne d’autre
console-pkce-always = Toujours actif pour les applications sans secret
console-lifetimes = Durées de vie
console-lifetimes-what = Combien de temps ses jetons valent. Court est plus sûr.
console-access-lifetime = Jetons d’accès
console-refresh-lifetime = Jetons d’actualisation
console-seconds = En secondes.
console-use = L’utiliser
console-use-what = Les valeurs de cette application sont remplies.
console-use-settings = Réglages
console-general = Nom et description
console-description = Description
console-description-hint = On la lit quand le consentement est demandé.
console-made = Créé
console-changed = Modifié
console-save = Enregistrer
console-build-title = Que construisez-vous ?
console-build-what = Nous choisissons des réglages sûrs. Vous pourrez les changer.
console-build-web = Application web
console-build-web-what = Des pages faites par un serveur. Il peut garder un secret.
console-build-spa = Application monopage
console-build-spa-what = Fonctionne dans le navigateur et appelle des API.
console-build-app = Appli mobile ou de bureau
console-build-app-what = Installée par les personnes.
console-build-svc = Service
console-build-svc-what = Appelle des API seul, sans personne.
console-build-tv = Télé, console ou terminal
console-build-tv-what = N’a pas de bon clavier.
console-you-get = Vous obtenez
console-gives-code = Connexion par code d’autorisation avec PKCE
console-gives-secret = Un secret que l’on change sans interruption
console-gives-refresh = Des jetons d’actualisation qui changent à chaque usage
console-gives-no-secret-browser = Pas de secret : un navigateur ne peut en garder
console-gives-no-secret = Pas de secret
console-gives-origins = Origines du navigateur (CORS) déjà remplies
console-gives-own-tokens = Des jetons pour le service lui-même
console-gives-no-page = Pas de page de connexion, pas de consentement
console-gives-short-code = Un code court à saisir sur un téléphone
console-steps = Étapes
console-step-kind = Type
console-step-name = Nom et adresses
console-step-use = Copier les valeurs
console-name-hint = On le lit en se connectant.
console-continue = Continuer
console-cancel = Annuler
console-back = Retour
console-make-client = Créer l’application
console-client-made = { $client } est prête
console-made-what = Mettez ces valeurs dans l’application et essayez une première connexion.
console-client-id = Identifiant
console-client-secret = Secret
console-to-client = Vers ses réglages
console-count = { $count ->
    [one] 1 au total
   *[other] { $count } au total
}
console-number = { $count }
console-times = { $count ->
    [one] une fois
   *[other] { $count } fois
}
console-overview-of = { $tenant } aujourd’hui
console-figure-clients = Total des applications
console-figure-people = Total des personnes
console-figure-failing = Applications refusées, 24 h
console-failing-title = Applications à surveiller
console-failing-none = Aucune application n’a été refusée ces dernières 24 heures.
console-changes-title = Dernièrement
console-people-what = Toutes les personnes qui ont un compte chez { $tenant }.
console-people-search = Rechercher une personne
console-people-search-hint = Nom, identifiant ou e-mail
console-people-all = Voir tout le monde
console-people-none = Personne pour l’instant
console-people-none-what = On arrive en s’inscrivant, par une application qui crée des comptes ou par un autre fournisseur d’identité.
console-people-no-match = Personne ne correspond à { $text }
console-people-no-match-what = Vous pouvez chercher une partie du nom, de l’identifiant ou de l’adresse e-mail.
console-roles = Rôles
console-last-sign-in = Dernière connexion
console-person-active = Active
console-person-locked = Bloquée
console-person-leaving = Part bientôt
console-send-link = Envoyer un lien de mot de passe
console-lock = Bloquer
console-unlock = Débloquer
console-done-locked = Bloquée. La personne est déconnectée partout et ses jetons ne valent plus.
console-done-unlocked = Débloquée. La personne peut de nouveau se connecter.
console-done-reset = Un lien est en route, si une adresse e-mail confirmée existe.
console-done-ended = La session est terminée.
console-done-everywhere = Déconnectée partout. Tous ses jetons ont pris fin.
console-done-factors = Les seconds facteurs sont retirés. Le mot de passe suffira la prochaine fois, sauf exigence contraire.
console-everywhere-of = Déconnecter { $name } partout ?
console-everywhere-button = Déconnecter partout
console-factors-of = Retirer tous les seconds facteurs de { $name } ?
console-factors-button = Les retirer
console-ends-sign-ins = toutes les sessions prennent fin, sur tous les appareils
console-ends-their-tokens = tous les jetons que des applications détiennent pour elle cessent de valoir
console-ends-pending = les liens envoyés ne mènent plus nulle part
console-ends-factors = applications d’authentification et clés d’accès ne comptent plus
console-ends-codes = les codes de secours ne comptent plus
console-timeline = Chronologie
console-timeline-none = Le journal ne contient rien sur cette personne.
console-timeline-denied = La permission audit:read montre ce qui s’est passé.
console-everything = Tout
console-failures = Échecs
console-by = par { $name }
console-about-person = À propos de cette personne
console-facts = Informations
console-id = Identifiant
console-factors = Seconds facteurs
console-factors-none = Aucun n’est configuré.
console-signed-in-on = Connecté sur
console-nowhere = Nulle part en ce moment.
console-end = Terminer
console-let-in = Applications autorisées
console-let-in-none = Aucune.
console-activity-what = Qui a fait quoi, quand et d’où.
console-activity-search = Une personne, une application ou un identifiant
console-activity-none = Rien dans le journal ne correspond
console-activity-none-what = Cherchez un identifiant complet. Ce qui est plus ancien que le journal n’y est plus.
console-outcome = Résultat
console-outcome-any = Tout résultat
console-outcome-success = Fait
console-outcome-attempted = Tenté
console-outcome-failure = Échoué
console-outcome-refused = Refusé
console-what = Quoi
console-who = Qui
console-when = Quand
