# Spanish.

## Everywhere

title = { $page } · { $tenant }
title-alone = { $page } · Writ
made-with = Writ
foot-terms = Condiciones
foot-privacy = Privacidad
foot-help = Ayuda
optional = (opcional)
back-to-sign-in = Volver al inicio de sesión
continue-to = Continuar a { $client }
problem-title = No ha funcionado
refused-title = Solicitud rechazada
what-to-do = Qué puede hacer
request-id = Identificador de la solicitud:
about-error = Para desarrolladores: sobre este error
refused-remedy = No se le ha devuelto a la aplicación. Vaya a ella e inténtelo de nuevo. Si vuelve a ocurrir, envíe este texto y el identificador de la solicitud a los responsables de la aplicación.
failed-remedy = Se pasará solo. Vuelva atrás e inténtelo de nuevo en un momento.
busy = El servidor está ocupado. Espere un momento e inténtelo de nuevo.
old-form = Esta página ha estado abierta demasiado tiempo, o en otra ventana. Inténtelo de nuevo.
password-hint = 8 caracteres o más. Unas cuantas palabras poco comunes son fáciles de recordar y difíciles de adivinar.
password-weak = Esta contraseña es demasiado fácil de adivinar.
password-weak-remedy = Añada algunas palabras menos comunes.
show-password = Mostrar la contraseña
caps-lock = El bloqueo de mayúsculas está activado.
strength-fair = Aceptable
strength-good = Buena
strength-strong = Fuerte
copy = Copiar
copy-codes = Copiar los códigos
copy-key = Copiar la clave
copied = Copiado
too-long = Es demasiado largo.
birthdate-wrong = Escríbala como año, mes y día, por ejemplo 1990-12-31.
language = Idioma

## What an application may

scope-openid = Iniciar su sesión y saber quién es usted
scope-profile = Ver su nombre y el resto de su perfil
scope-email = Ver su dirección de correo
scope-address = Ver su dirección postal
scope-phone = Ver su número de teléfono
scope-offline-access = Conservar el acceso mientras usted no está
scope-roles = Ver qué roles tiene
scope-groups = Ver a qué grupos pertenece
scope-oauth-read = Leer clientes, scopes, consentimientos y tokens
scope-oauth-write = Cambiar clientes, scopes, consentimientos y tokens
scope-users-read = Leer usuarios y roles
scope-users-write = Cambiar usuarios y roles
scope-sessions-read = Leer sesiones
scope-sessions-write = Terminar sesiones
scope-audit-read = Leer el registro de auditoría
scope-keys-read = Leer claves de API
scope-keys-write = Cambiar claves de API
scope-tenants-read = Leer todos los tenants
scope-tenants-write = Cambiar todos los tenants
scope-clients-trust = Decidir en qué aplicaciones se confía, y cambiarlas
scope-unnamed = Algo que no describe

## Sign in

sign-in-title = Iniciar sesión
sign-in-to = para continuar a { $client }
choose-title = Elegir una cuenta
signed-in-as = Ha iniciado sesión como { $name }
continue-as = Continuar como { $name }
or-somebody-else = o iniciar sesión con otra cuenta
prove-again = Escriba la contraseña de { $name } para continuar, o inicie sesión con otra cuenta.
username-label = Nombre de usuario o correo
password-label = Contraseña
sign-in-button = Iniciar sesión
forgot = ¿Ha olvidado su contraseña?
no-account = ¿Aún no tiene cuenta?
register-link = Registrarse
not-signed-in = El nombre de usuario o la contraseña no es correcto, o no puede iniciar sesión en este momento.
not-signed-in-remedy = Compruebe ambos, o elija una contraseña nueva.
unverified = Su dirección de correo aún no está confirmada.
unverified-remedy = Abra el enlace del correo que le enviamos y después inicie sesión.
send-another-email = Enviar otro correo
too-many-sign-ins = Ha habido demasiados inicios de sesión fallidos desde su red.
wait-and-retry = Espere un momento e inténtelo de nuevo.
server-busy = El servidor está ocupado.

## Requests that are over

unknown-challenge = Este inicio de sesión ha terminado, o se empezó en otro navegador. También se ve así si un navegador no guarda cookies.
unknown-challenge-remedy = Vuelva a la aplicación de la que viene e inicie sesión de nuevo, en este navegador.
over-answered = Ya ha respondido a { $client }, y cada solicitud se responde una vez.
over-answered-remedy = Continúe en { $client }. Si no le deja entrar, inicie sesión allí de nuevo.
over-late = Un inicio de sesión debe terminarse en { $minutes } minutos, y este no lo hizo. { $client } no ha sabido nada.
over-late-remedy = Vuelva a { $client } e inicie sesión de nuevo.
over-ended = Aceptó, pero antes de volver cerró la sesión, se cambió su contraseña, o se cambió su cuenta o el consentimiento. { $client } no ha sabido nada.
over-somebody-else = Quien aceptó no es quien tiene la sesión iniciada aquí. { $client } no ha sabido nada.
over-somebody-else-remedy = Cierre la sesión. Después vuelva a { $client } e inicie sesión como la persona que debe usarla.
to-client = A { $client }
start-again = Iniciar sesión de nuevo en { $client }

## Consent

consent-title = { $client } quiere usar su cuenta de { $tenant }
use-another-account = Usar otra cuenta
consent-nothing = Solo pide su aprobación, y ningún dato.
consent-legend = Si acepta, { $client } podrá:
always-included = Siempre incluido
nothing-ticked = No hay nada marcado. Marque lo que { $client } puede tener, o pulse Rechazar.
consent-return = Volverá a { $target }. Puede retirar su consentimiento en cualquier momento en { $account }.
consent-return-app = Volverá a una aplicación de este dispositivo. Puede retirar su consentimiento en cualquier momento en { $account }.
consent-more = { $count ->
    [one] 1 permiso más
   *[other] { $count } permisos más
}
consent-added = Añadida por { $tenant }
consent-by-itself = Esta aplicación se registró por sí misma. Nadie de { $tenant } la ha revisado.
consent-by-document = Esta aplicación se describe a sí misma en { $host }. Nadie de { $tenant } la ha revisado. Continúe solo si confía en esa dirección.
consent-agent = { $client } es un agente: actúa por sí mismo en su nombre, también cuando usted no está, hasta el { $when }.
consent-resource = Usar este servicio en su nombre
consent-no-value = Aún no figura en su cuenta
your-account = su cuenta
allow = Permitir
deny = Rechazar

## Devices

device-title = Conectar un dispositivo
device-what = Escriba el código que muestra su dispositivo.
device-code-label = Código
device-button = Continuar
device-unknown = No hay nada en espera con este código. Compárelo con el que muestra su dispositivo. Un código dura diez minutos; si el suyo es más antiguo, haga que el dispositivo muestre otro.
device-allowed-title = Su dispositivo puede continuar
device-allowed = Puede cerrar esta página. Su dispositivo continuará solo en unos segundos.
device-denied-title = Su dispositivo no recibe nada
device-denied = Ha dicho que no, y su dispositivo lo sabrá. Puede cerrar esta página.
consent-device = Continúe solo si un dispositivo que tiene delante muestra el código { $code }. La solicitud vino de { $place }. Si alguien le envió este código, pulse Rechazar.
consent-device-somewhere = Continúe solo si un dispositivo que tiene delante muestra el código { $code }. Si alguien le envió este código, pulse Rechazar.
consent-return-device = Su dispositivo continúa solo. Puede retirar su consentimiento en cualquier momento en { $account }.

## Sign out

sign-out-title = Cerrar sesión
sign-out-what = Ha iniciado sesión como { $name }. Al cerrarla termina para todas las aplicaciones de { $tenant } en este navegador.
sign-out-button = Cerrar sesión
signed-out-title = Sesión cerrada
signed-out-done = Ha cerrado la sesión de { $tenant } en este navegador. Las aplicaciones pierden el acceso que tenían por esta sesión, salvo las que pueden conservarlo mientras usted no está.
signed-out-before = Nadie tiene una sesión de { $tenant } en este navegador. Para iniciarla, vaya a la aplicación que quiera usar.
signed-out-on = Continuar
signed-out-shared = En un ordenador compartido, cierre también la ventana del navegador.
still-signed-in = Su sesión sigue abierta. La página que preguntó ha estado abierta demasiado tiempo, o en otra ventana.
still-signed-in-remedy = Ábrala de nuevo y cierre allí la sesión.

check-session-title = Estado de la sesión

## The answer in a form

form-post-title = Volver a la aplicación
form-post-what = Un paso más, porque su navegador no ejecuta scripts aquí.
continue = Continuar

## Register

register-title = Registrarse
register-at = para tener una cuenta de { $tenant }
register-username = Dirección de correo o nombre de usuario
register-name = Su nombre
register-button = Registrarse
have-account = ¿Tiene una cuenta?
sign-in-link = Iniciar sesión
welcome-title = Bienvenido
welcome-confirm = Hemos enviado un enlace a la dirección de correo que dio. Confirme con él la dirección y después inicie sesión.
welcome = Si dio una dirección de correo, hemos enviado un enlace para confirmarla. Ya puede iniciar sesión.

## A new password

reset-title = Elegir una contraseña nueva
reset-what = Escriba el nombre con el que inicia sesión en { $tenant }. Enviaremos un enlace a la dirección de correo de esa cuenta.
reset-signs-out = Se cerrará su sesión en todos los lugares donde esté abierta.
username-or-address = Nombre de usuario o dirección de correo
send-link = Enviar el enlace
new-password-label = Contraseña nueva
set-password = Guardar la contraseña
reset-done-title = Su contraseña nueva está guardada
reset-done = Ya puede iniciar sesión con ella. Se ha cerrado la sesión en todos los lugares donde estaba abierta.
check-email-title = Mire su correo
reset-sent = Si hay una cuenta con ese nombre y una dirección de correo, hemos enviado un enlace a ella. Funciona una vez, durante 30 minutos.
no-mail = Este servidor no envía correo, así que no puede enviarle un enlace. Pregunte a sus responsables: pueden hacerlo por usted.
dead-link-title = Este enlace ya no funciona
dead-link = Ya se usó, ha caducado o no está completo.
another-link = Pedir otro enlace

## An email address

verify-title = Confirmar su dirección de correo
verify-what = Escriba el nombre con el que inicia sesión en { $tenant }. Enviaremos un enlace a la dirección de correo de esa cuenta, si aún no está confirmada.
verify-mine = Alguien dio esta dirección para una cuenta. Confírmela solo si fue usted.
verify-button = Esta dirección es mía
verify-done-title = Su dirección de correo está confirmada
verify-done = Gracias. Puede continuar donde estaba, o cerrar esta página.
verify-sent = Si hay una cuenta con ese nombre y una dirección de correo sin confirmar, hemos enviado un enlace a ella. Funciona una vez, durante 24 horas.
verify-expired = Este enlace ha caducado. Podemos enviar otro a la misma dirección.
verify-again = Enviar otro enlace
taken-title = Esta dirección ya está en uso

## For developers

mailbox-title = Buzón
mailbox-what = Correos a personas, los más recientes primero. No hay servidor de correo configurado, así que se muestran aquí, solo en esta máquina.
mailbox-empty = No hay ninguno.
mailbox-to = a { $to }
follow-link = Seguir el enlace
all-mail = Todos los correos
errors-title = Errores
errors-what = Las respuestas de error del endpoint de tokens y de las API llevan una error_uri, que conduce a una de estas páginas.
all-errors = Todos los errores

## The account

skip = Saltar al contenido
account-title = Su cuenta
sign-in-to-account = en su cuenta de { $tenant }
profile-title = Perfil
security-title = Seguridad
devices-title = Dispositivos
applications-title = Aplicaciones con acceso
applications-short = Aplicaciones
allowed-when = Permitida
agent-until = Agente: puede actuar en su nombre hasta el { $when }
agent-over = Agente: su plazo ha terminado
activity-title = Actividad
back-to-account = Volver a su cuenta
edit = Editar
change = Cambiar
save = Guardar
none = Ninguna
username-alone = Nombre de usuario
email-label = Correo
confirmed = Confirmada
not-confirmed = Sin confirmar
email-pending = Correo nuevo
email-waits = Espera a que abra el enlace que enviamos allí
member-since = Cuenta desde
security-what = Cómo demuestra que es usted.
last-sign-in = Último uso: { $when }
devices-what = Dónde tiene ahora la sesión iniciada. Al cerrar la de un dispositivo, su acceso termina en segundos.
this-device = Este dispositivo
by-administrator = por un administrador
unknown-device = Dispositivo desconocido
sign-out-device = Cerrar la sesión de { $device }
sign-out-others = Cerrar en todos los demás
applications-what = Usted les permitió usar su cuenta.
applications-none = Ninguna aplicación ha pedido aún su consentimiento.
remove = Quitar
remove-application = Quitar el acceso de { $client }
show-older = Mostrar anteriores
download-data = Descargar sus datos
delete-account = Eliminar su cuenta

edit-profile-title = Editar su perfil
for-example = Por ejemplo { $example }
picture-hint = PNG, JPEG o WebP, de 1 MB como máximo. Se recorta en un cuadrado, y la muestran las aplicaciones que pueden ver su perfil.
picture-upload = Subir la imagen
picture-remove = Quitar la imagen
picture-wrong = No podemos mostrar este archivo como imagen. Elija un archivo PNG, JPEG o WebP de 1 MB como máximo.
change-email-title = Cambiar su dirección de correo
change-email-what = Su dirección es { $email }. Enviamos un enlace a la nueva, y pasa a ser la suya cuando abra el enlace.
change-email-waits = Hemos enviado un enlace a { $email }. Pasa a ser su dirección cuando abra el enlace.
change-email-first = Enviamos un enlace a la dirección, y pasa a ser la suya cuando abra el enlace.
change-email-button = Enviar el enlace
forget-email = Conservar la dirección actual
new-email-label = Dirección de correo nueva
change-password = Cambiar su contraseña
change-password-what = Aquí su sesión sigue abierta. En todos los demás lugares se cierra.
change-password-button = Cambiar la contraseña
current-password-label = Su contraseña actual
current-password-wrong = Esta no es su contraseña actual.

done-name = Su perfil está guardado.
done-picture = Su imagen está guardada.
done-picture-gone = Su imagen se ha quitado.
done-email = Hemos enviado un enlace a su dirección nueva. Ábralo allí para confirmar el cambio.
done-email-kept = Su dirección sigue como está.
done-password = Su contraseña ha cambiado. La sesión está cerrada en todos los demás lugares.
done-device = La sesión de ese dispositivo está cerrada.
done-devices = La sesión está cerrada en todos los lugares menos aquí.
done-application = La aplicación ya no tiene acceso.
leave-what = Así se elimina { $name } en { $tenant }.
leave-out = Se cierra su sesión en todas partes al momento, y ninguna aplicación puede usar más su cuenta.
leave-grace = Hasta el { $when } puede cambiar de opinión: inicie sesión y conserve su cuenta. Después se elimina para siempre.
leave-now = La cuenta se elimina al momento. No se puede recuperar.
leave-gone = Se eliminan su perfil, su contraseña, sus sesiones y los accesos que dio a aplicaciones.
leave-stays = Lo que las aplicaciones saben de usted queda en ellas, y { $tenant } guarda un registro de lo que pasó con la cuenta. Antes puede { $data }.
leave-data = descargar sus datos
leave-button = Eliminar mi cuenta
left-title = Su cuenta se eliminará
left-until = Su sesión está cerrada en todas partes. La cuenta se elimina el { $when }. Hasta entonces nadie puede usarla, y usted aún puede conservarla.
left-keep = Iniciar sesión y conservarla
left-now-title = Su cuenta está eliminada
left-now = Su sesión está cerrada en todas partes, y nada de la cuenta se puede usar ya.
keep-title = ¿Conservar su cuenta?
keep-what = { $name } se eliminará el { $when }, como usted pidió. Si la conserva, sigue siendo suya como antes.
keep-button = Conservar mi cuenta
done-kept = Su cuenta sigue. Las aplicaciones que usa le pedirán iniciar sesión de nuevo.
event-leaving = Pidió eliminar su cuenta
event-kept = Conservó su cuenta

activity-what = Los últimos 30 días. ¿Hay algo que no reconozca?
activity-none = No ha ocurrido nada en los últimos 30 días.
event-signed-in = Inicio de sesión
event-sign-in-failed = Un inicio de sesión falló
event-created = Se creó la cuenta
event-updated = Se cambió la cuenta
event-roles = Se cambiaron sus roles
event-enabled = Se desbloqueó la cuenta
event-disabled = Se bloqueó la cuenta
event-reset-requested = Alguien pidió un enlace para una contraseña nueva
event-reset = Se eligió una contraseña nueva
event-email-verified = Se confirmó su dirección de correo
event-signed-out = Cierre de sesión
event-approved = Se permitió a { $client } usar la cuenta
event-denied = Se rechazó a { $client }
an-application = una aplicación
event-withdrawn = Se quitó el acceso de una aplicación
event-tokens-revoked = Se terminó el acceso de aplicaciones
event-replayed = Alguien usó algo que ya se había usado, así que se terminó el acceso de una aplicación

claim-given-name = Nombre
claim-family-name = Apellidos
claim-middle-name = Segundo nombre
claim-nickname = Apodo
claim-profile = Página de perfil
claim-picture = Imagen
claim-website = Sitio web
claim-gender = Género
claim-birthdate = Fecha de nacimiento
claim-zoneinfo = Zona horaria
claim-locale = Idioma
claim-address = Dirección
claim-street = Calle
claim-locality = Localidad
claim-region = Región
claim-postal-code = Código postal
claim-country = País
claim-phone = Teléfono
claim-phone-confirmed = Si su número de teléfono está confirmado
claim-email-confirmed = Si su dirección de correo está confirmada
claim-updated = Cuándo cambió su perfil por última vez

when-now = ahora mismo
when-minutes = { $count ->
    [one] hace 1 minuto
   *[other] hace { $count } minutos
}
when-hours = { $count ->
    [one] hace 1 hora
   *[other] hace { $count } horas
}
when-date = { $day } de { $month } de { $year }
month-january = enero
month-february = febrero
month-march = marzo
month-april = abril
month-may = mayo
month-june = junio
month-july = julio
month-august = agosto
month-september = septiembre
month-october = octubre
month-november = noviembre
month-december = diciembre

## Two-step sign-in

factor-title = Introduce tu código
factor-what = { $name } está protegida con un segundo paso. Escribe el código que muestra tu aplicación de autenticación.
factor-code-label = Código de la aplicación
factor-button = Continuar
factor-use-recovery = Usar un código de recuperación
factor-use-app = Usar la aplicación
factor-wrong = Este código no es correcto.
factor-wrong-remedy = Cada código sirve una sola vez y durante medio minuto aproximadamente. Escribe el que la aplicación muestra ahora.
recovery-what = Escribe uno de los códigos de recuperación que guardaste para { $name }. Cada uno sirve una sola vez.
recovery-code-label = Código de recuperación
recovery-wrong = Este código de recuperación no es correcto.
recovery-wrong-remedy = Comprueba lo que has escrito. Un código ya usado no vuelve a servir.
too-many-codes = Ha habido demasiados códigos incorrectos.
authenticator-title = Configura una aplicación de autenticación
authenticator-required = { $tenant } pide un segundo paso al iniciar sesión: un código de una aplicación. Configúralo ahora.
authenticator-what = Al iniciar sesión, escribirás un código de la aplicación después de la contraseña.
authenticator-scan = Abre una aplicación de autenticación en el teléfono y escanea esta imagen.
authenticator-picture = Imagen para la cámara de una aplicación de autenticación
authenticator-open = Abrir en una aplicación de este dispositivo
authenticator-key = O escribe esta clave en la aplicación:
authenticator-code-hint = La aplicación muestra seis cifras en cuanto conoce la clave.
authenticator-button = Activar
authenticator-name = Aplicación de autenticación
authenticator-name-label = Tu nombre para esta aplicación
codes-title = Guarda tus códigos de recuperación
codes-what = Si pierdes el teléfono, uno de estos códigos sustituye a la aplicación al iniciar sesión. Imprímelos o anótalos.
codes-once = Cada uno sirve una sola vez. Solo se muestran ahora.
codes-kept = Los he guardado
two-step = Inicio de sesión en dos pasos
two-step-off = Desactivado: basta tu contraseña para iniciar sesión.
two-step-on = Activado: después de la contraseña usas también una aplicación o una llave de acceso.
two-step-add = Añadir una aplicación
factor-set-up = Configurada { $when }
factor-used = Último uso { $when }
factor-remove = Quitar { $factor }
factor-remove-title = ¿Quitar esta aplicación?
factor-remove-what = Los códigos de { $factor } dejarán de servir para iniciar sesión. Si es tu única aplicación, tus códigos de recuperación terminan con ella.
recovery-codes = Códigos de recuperación
recovery-codes-left = { $count ->
    [one] Queda 1 código
   *[other] Quedan { $count } códigos
}
codes-renew = Crear códigos nuevos
codes-renew-title = ¿Crear códigos de recuperación nuevos?
codes-renew-what = Los códigos que tienes ahora dejarán de servir.
done-factor-added = La aplicación está configurada.
done-factor-removed = La aplicación se ha quitado.
event-password-accepted = Se escribió la contraseña correcta y se pidió un código
event-factor-added = Se configuró una aplicación de autenticación o una llave de acceso
event-factor-removed = Se quitó una aplicación de autenticación o una llave de acceso
event-codes = Se crearon códigos de recuperación nuevos

## Letters

mail-button-fails = Si el botón no funciona, abra esta dirección:
mail-reset-subject = Elegir una contraseña nueva para { $tenant }
mail-reset-asked = Alguien, esperamos que usted, ha pedido una contraseña nueva para su cuenta de { $tenant }.
mail-reset-what = Este enlace conduce a un formulario donde puede elegirla. Funciona una vez, durante 30 minutos.
mail-reset-link = Elegir una contraseña nueva
mail-reset-ignore = Si no fue usted, no haga caso de este correo: su contraseña sigue siendo la misma.
mail-verify-subject = Confirmar su dirección de correo para { $tenant }
mail-verify-given = Esta dirección se dio para una cuenta de { $tenant }.
mail-verify-what = Confirme con este enlace que es suya. Funciona una vez, durante 24 horas.
mail-verify-link = Confirmar esta dirección
mail-verify-ignore = Si no tiene esa cuenta, no haga caso de este correo.
mail-password-subject = Se ha cambiado su contraseña de { $tenant }
mail-password-what = Se ha cambiado la contraseña de su cuenta de { $tenant }, y se ha cerrado su sesión en todas partes.
mail-password-not-you = Si no fue usted, elija enseguida una contraseña nueva y avise a los responsables del servicio.
mail-changing-subject = Otra dirección de correo para su cuenta de { $tenant }
mail-changing-what = Se ha dado otra dirección de correo para su cuenta de { $tenant }. Esta sigue siendo la suya hasta que se confirme la otra.
mail-changing-not-you = Si no fue usted, elija enseguida una contraseña nueva, con lo que también se olvida la otra dirección, y avise a los responsables del servicio.
mail-changed-subject = Se ha cambiado su dirección de correo de { $tenant }
mail-changed-what = Su cuenta de { $tenant } tiene ahora otra dirección de correo. Desde ahora los mensajes van allí.
mail-changed-not-you = Si no fue usted, avise enseguida a los responsables del servicio.
mail-leaving-subject = Su cuenta en { $tenant } se eliminará
mail-leaving-what = Pidió eliminar su cuenta. Se elimina el { $when }. Hasta entonces nadie puede usarla.
mail-leaving-keep = Para conservarla, inicie sesión antes.
mail-leaving-not-you = Si no fue usted, inicie sesión, conserve su cuenta y elija una contraseña nueva.
mail-kept-subject = Su cuenta en { $tenant } se conserva
mail-kept-what = Su cuenta iba a eliminarse, y un administrador la ha conservado. Puede iniciar sesión y usarla como antes.
mail-kept-again = Si todavía quiere eliminarla, elimínela de nuevo en la página de su cuenta.
mail-left-subject = Su cuenta en { $tenant } está eliminada
mail-left-what = Su cuenta está eliminada, como usted pidió. No se puede recuperar.
mail-left-after = Este es el último mensaje sobre ella.
mail-registered-subject = Usted tiene una cuenta de { $tenant }
mail-registered-what = Alguien, esperamos que usted, ha intentado registrarse en { $tenant } con un nombre que usted ya usa.
mail-registered-reset = Si fue usted y ha olvidado su contraseña, puede elegir una nueva aquí.
mail-registered-ignore = Si no fue usted, no haga caso de este correo: no se ha cambiado nada.
mail-factor-added-subject = Se ha configurado una aplicación de autenticación para { $tenant }
mail-factor-added-what = Para iniciar sesión en tu cuenta de { $tenant } ahora también se pide un código de una aplicación de autenticación.
mail-factor-removed-subject = Se ha quitado una aplicación de autenticación de { $tenant }
mail-factor-removed-what = Se ha quitado una aplicación de autenticación de tu cuenta de { $tenant }. Sus códigos ya no sirven para iniciar sesión.
mail-codes-subject = Códigos de recuperación nuevos para { $tenant }
mail-codes-what = Se han creado códigos de recuperación nuevos para tu cuenta de { $tenant }. Los anteriores ya no sirven.
mail-code-used-subject = Se ha usado un código de recuperación en { $tenant }
mail-code-used-what = Alguien ha iniciado sesión en tu cuenta de { $tenant } con un código de recuperación. Códigos restantes: { $left }.
mail-factor-not-you = Si no has sido tú, cambia la contraseña de inmediato y avisa a quienes gestionan el servicio.

# Otros proveedores de identidad
continue-with = Continuar con { $provider }
or = o
upstream-denied = No ha iniciado sesión en { $provider }.
upstream-denied-remedy = Inténtelo de nuevo o elija otra forma.
upstream-failed = No se ha podido iniciar sesión en { $provider }.
upstream-failed-remedy = { $provider } no responde, o no como debería. Inténtelo de nuevo en un momento o elija otra forma.
upstream-taken = Ya existe una cuenta con esta dirección de correo.
upstream-taken-remedy = Inicie sesión con su contraseña. Después podrá conectar { $provider } en la página de su cuenta.
upstream-none = Aquí no hay ninguna cuenta para usted en { $provider }.
upstream-none-remedy = Diríjase a quien gestiona este servicio.
upstream-address = { $provider } no ha indicado ninguna dirección de correo confirmada.
upstream-address-remedy = Confirme allí su dirección e inténtelo de nuevo.
upstream-account-remedy = En { $provider } todo está bien. Diríjase a quien gestiona este servicio.
upstream-unknown = Este inicio de sesión no comenzó aquí.
upstream-unknown-remedy = Tardó demasiado o comenzó en otro navegador. Vuelva al lugar de donde venía e inténtelo de nuevo.
connection-add = Conectar { $provider }
connection-add-title = Conectar otra cuenta
connection-add-what = Podrá iniciar sesión con { $provider }. Primero demuestre que es usted; después inicie sesión allí.
connection-go = Continuar
connection-remove = Quitar la conexión con { $provider }
connection-remove-title = ¿Quitar esta conexión?
connection-remove-what = Ya no podrá iniciar sesión con { $provider }.
connection-sign-in = Para cambiar su forma de iniciar sesión ({ $provider }), demuestre primero que es usted: inicie sesión otra vez.
connection-last = { $provider } es su única forma de iniciar sesión. Primero establezca una contraseña.
connection-elsewhere = Esta cuenta de { $provider } está conectada con otra cuenta aquí.
connection-already = Ya ha conectado una cuenta de { $provider }. Quítela primero.
done-connected = Su cuenta está conectada.
done-connection-removed = La conexión se ha quitado.
mail-linked-subject = { $left } se ha conectado con su cuenta
mail-linked-what = Ahora se puede iniciar sesión en su cuenta de { $tenant } con { $left }.
mail-unlinked-subject = { $left } se ha quitado de su cuenta
mail-unlinked-what = Ya no se puede iniciar sesión en su cuenta de { $tenant } con { $left }.
mail-linked-not-you = Si no ha sido usted, cambie su contraseña y revise las formas de iniciar sesión en la página de su cuenta.
## Passkeys

passkey-sign-in = Iniciar sesión con una llave de acceso
passkey-use = Usar una llave de acceso
passkey-instead-of-password = Usar una llave de acceso en lugar de la contraseña
passkey-make = Crear una llave de acceso
or-passkey = O crea una llave de acceso
passkey-failed = No se usó ninguna llave de acceso. Inténtalo de nuevo o inicia sesión de otra forma.
passkey-not-made = No se creó ninguna llave de acceso. Inténtalo de nuevo o usa otro dispositivo.
passkey-without = Para esto hace falta un navegador que conozca las llaves de acceso y ejecute scripts.
passkey-refused = Esta llave de acceso no se aceptó.
passkey-refused-remedy = Inténtalo de nuevo o inicia sesión de otra forma.
passkey-title = Usa tu llave de acceso
passkey-what = { $name } está protegido por un segundo paso. Demuestra con tu llave de acceso que eres tú.
passkey-called = { $name } en { $tenant }
passkey-name = Llave de acceso
passkey-name-label = Tu nombre para esta llave de acceso
passkey-new-title = Crear una llave de acceso
passkey-new-what = Con una llave de acceso inicias sesión sin contraseña: con tu huella, tu cara o el PIN de tu dispositivo.
passkey-first-what = Con una llave de acceso inicias sesión sin contraseña: con tu huella, tu cara o el PIN de tu dispositivo. A quien inicie sesión con tu contraseña se le pedirá también la llave de acceso, o uno de los códigos de recuperación que recibirás ahora.
passkey-remove-title = ¿Quitar esta llave de acceso?
passkey-remove-what = { $factor } ya no servirá para iniciar sesión. Bórrala también en tu dispositivo. Si no tienes otra llave de acceso ni una aplicación, tus códigos de recuperación terminan con ella.
passkeys-title = Llaves de acceso
passkeys-what = Inicia sesión con tu dispositivo, sin contraseña.
password-too-title = Escribe también tu contraseña
password-too-what = Tu llave de acceso no ha comprobado que eres tú. Escribe la contraseña de { $name } para continuar.
factor-use-passkey = Usar la llave de acceso
done-passkey-added = La llave de acceso está creada.
done-passkey-removed = La llave de acceso se quitó.
event-passkey-copied = Se rechazó una llave de acceso: puede que exista una copia
mail-passkey-added-subject = Se creó una llave de acceso para { $tenant }
mail-passkey-added-what = Se creó una llave de acceso para tu cuenta en { $tenant }. Inicia sesión sin contraseña. A quien escriba la contraseña se le pide también.
mail-passkey-removed-subject = Se quitó una llave de acceso de { $tenant }
mail-passkey-removed-what = Se quitó una llave de acceso de tu cuenta en { $tenant }. Ya no sirve para iniciar sesión.
mail-factors-removed-subject = Se restableció el inicio de sesión en dos pasos de { $tenant }
mail-factors-removed-what = Alguien de la administración quitó todas las llaves de acceso, aplicaciones de autenticación y códigos de recuperación de tu cuenta en { $tenant }.
mail-passkey-copied-subject = Se rechazó una llave de acceso en { $tenant }
mail-passkey-copied-what = Tu llave de acceso { $factor } dice que se usó menos veces de las que sabemos. Puede que alguien tenga una copia. Se rechazó.
mail-passkey-copied-do = Quita esta llave de acceso en la página de tu cuenta y crea una nueva. Si no acabas de usarla, cambia también tu contraseña.

## Signing in by mail

mailed-way = Recibir un enlace para iniciar sesión
mailed-title = Iniciar sesión por correo
mailed-what = Escriba el nombre o la dirección de correo con los que inicia sesión en { $tenant }. Enviaremos allí un enlace y un código.
mailed-button = Enviar el correo
mailed-sent = Si hay una cuenta con ese nombre y una dirección de correo confirmada, hemos enviado allí un enlace y un código. Funcionan una vez, durante 10 minutos, en este navegador.
mailed-code-label = Código del correo
mailed-again = Enviar otro correo
mailed-confirm = ¿Iniciar sesión en { $tenant } como { $name }?
mailed-elsewhere-title = No empezó en este navegador
mailed-elsewhere = El enlace solo funciona donde lo pidió. Ábralo allí, o escriba el código del correo en la página que está abierta allí.
mailed-wrong = Este enlace o código no funciona.
mailed-wrong-remedy = Cada uno funciona una vez, durante 10 minutos. Revise lo que escribió, o pida otro correo.
mailed-second-title = Confirme que es usted
mailed-second-what = { $tenant } pide un segundo paso. Podemos enviar un código a { $email }.
mailed-second-send = Recibir un código por correo
mailed-second-sent = Hemos enviado un código a { $email }. Funciona una vez, durante 10 minutos.
mailed-second-again = Enviar otro código
mailed-second-app = Configurar en su lugar una aplicación o una llave de acceso
mailed-second-many = Ya se le han enviado varios correos. Espere unos minutos e inténtelo de nuevo.
event-sign-in-mail = Alguien pidió un correo para iniciar sesión
event-mail-accepted = Se usó un enlace o un código de un correo para iniciar sesión
mail-sign-in-subject = Iniciar sesión en { $tenant }
mail-sign-in-asked = Alguien, esperamos que usted, quiere iniciar sesión en { $tenant } con este correo.
mail-sign-in-what = Pulse el botón en el navegador donde lo pidió, o escriba allí este código. Funciona una vez, durante 10 minutos.
mail-sign-in-link = Iniciar sesión
mail-sign-in-ignore = Si no fue usted, ignore este correo. No dé el código a nadie: quien se lo pida quiere entrar en su cuenta.
mail-code-subject = Su código para { $tenant }
mail-code-what = Alguien, esperamos que usted, está iniciando sesión en { $tenant } y se le pide este código. Funciona una vez, durante 10 minutos.
mail-code-ignore = Si no fue usted, no dé el código a nadie y elija una contraseña nueva: alguien conoce la suya.

## Devices that are remembered

remember-device = { $count ->
    [one] No volver a preguntar en este dispositivo durante un día
   *[other] No volver a preguntar en este dispositivo durante { $count } días
}
remembered-since = No se pide el segundo paso desde { $when }, hasta { $until }
remembered-forget = Volver a preguntar
remembered-forget-device = Volver a pedir el segundo paso en { $device }
done-forgotten = Allí se vuelve a pedir el segundo paso.
event-device-forgotten = Se vuelve a pedir el segundo paso en dispositivos

## The console

when-moment = { $date }, { $time } UTC
console-title = Consola
console-overview = Resumen
console-clients = Aplicaciones
console-people = Personas
console-audit = Actividad
console-docs = Documentación
console-open-menu = Abrir el menú
console-search = Buscar en todo
console-search-hint = Busque o pegue un id
console-search-button = Buscar
console-search-what = Puede buscar aplicaciones y personas por nombre, dirección o id.
console-search-none = Nada coincide con { $text }
console-keys = Teclado
console-close = Cerrar
console-you-are-here = Está aquí
console-again-title = Inicie sesión de nuevo
console-again-two = Esto requiere dos pasos: su contraseña y su aplicación o llave de acceso.
console-again-fresh = Inició sesión hace un rato. Demuestre otra vez que es usted y seguirá donde estaba.
console-again-button = Iniciar sesión y seguir
console-gone-title = Aquí no hay nada
console-gone = Quizá se eliminó, o pertenece a otro inquilino.
console-denied-title = No tiene permiso para esto
console-to-start = Al resumen
console-pages = Páginas
console-first-page = Primera página
console-next-page = Siguiente
console-see-all = Ver todo
console-all = Todas
console-unused = Sin uso 90 días
console-name = Nombre
console-kind = Tipo
console-state = Estado
console-last-used = Último uso
console-never = nunca
console-never-used = sin usar todavía
console-kind-web = Web
console-kind-spa = De una página
console-kind-native = Aplicación instalada
console-kind-machine = Servicio
console-kind-device = Dispositivo
console-state-working = Funciona
console-state-failing = Con fallos
console-state-off = Desactivada
console-state-unused = Sin usar
console-clients-what = Aplicaciones y servicios que usan { $tenant } para iniciar sesión o llamar a API.
console-clients-search = Buscar aplicaciones
console-clients-search-hint = Nombre o id
console-clients-all = Ver todas las aplicaciones
console-clients-none = Aún no hay aplicaciones
console-clients-none-what = Una aplicación o un servicio obtiene tokens aquí. Diga qué construye y recibirá los ajustes adecuados.
console-clients-no-match = Ninguna aplicación coincide con { $text }
console-clients-no-match-what = Puede buscar por una parte del nombre o del id.
console-clients-none-unused = Todas las aplicaciones se usan
console-clients-none-unused-what = Cada una obtuvo un token en los últimos 90 días o es más reciente.
console-client-new = Nueva aplicación
console-done-saved = Guardado. Vale desde la próxima petición.
console-done-client-on = Activada.
console-done-client-off = Desactivada. Ya no obtiene tokens y los que tiene no valen.
console-done-client-deleted = La aplicación se ha eliminado.
console-switch-off = Desactivar
console-switch-on = Activar
console-delete = Eliminar
console-delete-of = ¿Eliminar { $client }?
console-delete-button = Eliminar { $client }
console-delete-what = No se puede deshacer. En cuanto lo elimine:
console-delete-instead = ¿No está seguro? Desactívela. Podrá activarla de nuevo sin perder nada.
console-ends-tokens = sus tokens dejan de funcionar al momento
console-ends-people = nadie puede iniciar sesión a través de ella
console-ends-consents = se olvida lo que las personas le permitieron
console-ends-secret = su id y sus secretos no volverán a valer
console-log-stays = El registro de lo ocurrido se conserva
console-confirm = Escriba { $name } para confirmar
console-confirm-wrong = Ese no es el nombre. Escríbalo como aparece arriba.
console-keep-it = Conservarla
console-why-title = ¿Por qué falla esta aplicación?
console-last-day = en las últimas 24 horas
console-why-nothing = No se rechazó nada en las últimas 24 horas.
console-sent = Enviado
console-registered = Registrado
console-add-address = Añadir esta dirección
console-about-error = Sobre este error
console-why-address = La dirección de redirección no está registrada
console-why-address-what = Las direcciones se comparan letra a letra. Si la aplicación acierta, añada la dirección que envió.
console-why-address-foreign = Está en otro sitio que las registradas. Cualquiera puede enviar algo así: añádala solo si sabe que es suya.
console-why-secret = La credencial no es la correcta
console-why-secret-what = Casi siempre un servidor tiene aún un secreto antiguo o falta una letra. Compare las cuatro últimas letras abajo o cambie el secreto.
console-why-scope = Pide ámbitos que no puede tener
console-why-scope-what = Dele el ámbito abajo o quítelo de la petición.
console-why-grant = Usa una concesión que no tiene
console-why-grant-what = Active la concesión abajo si la aplicación debe usarla.
console-why-code = Un código o token de actualización ya no valía
console-why-code-what = Cada uno vale una vez y por un tiempo. Si pasa a menudo, la aplicación envía uno dos veces o guarda uno antiguo.
console-why-limit = Pide demasiado a menudo
console-why-limit-what = Conserve cada token hasta que caduque. Si de verdad necesita más, suba su tasa.
console-why-else = Se rechazó una petición
console-why-else-what = El registro dice por qué; la página del error, qué cambiar.
console-addresses = Direcciones
console-addresses-what = Adónde se puede enviar a las personas tras iniciar sesión. Coincidencia exacta.
console-redirect-uris = Direcciones de redirección
console-redirect-uris-hint = Una por línea, como https://app.example/callback. Para 127.0.0.1 vale cualquier puerto.
console-goodbye-uris = Direcciones tras cerrar sesión
console-one-a-line = Una por línea.
console-origins = Orígenes del navegador
console-origins-hint = Uno por línea. Vacío: los de las direcciones de redirección.
console-secrets = Secretos
console-secrets-what = Dos pueden valer a la vez, para que nada se rompa durante el cambio.
console-secret-active = Activo
console-secret-over = Terminado
console-secret-ends = { $count ->
    [one] Termina en una hora
   *[other] Termina en { $count } horas
}
console-secret-change = Cambiar el secreto
console-secret-change-of = ¿Cambiar el secreto de { $client }?
console-secret-changed = { $client } tiene un secreto nuevo
console-secret-once = Esto se muestra una sola vez. Cópielo ahora adonde lo guarda la aplicación.
console-secret-two = Un secreto antiguo aún vale. Termina al momento si sigue; el más reciente vale según elija aquí.
console-overlap = ¿Cuánto tiempo sigue valiendo el secreto anterior?
console-overlap-what = Lleve el secreto nuevo a cada servidor mientras el anterior aún vale.
console-overlap-hour = Una hora
console-overlap-day = Un día
console-overlap-week = Una semana
console-overlap-none = Termina ya: puede que alguien más lo conozca
console-keep-secret = Conservar el secreto
console-old-secret = Secreto anterior
console-old-secret-until = vale hasta el
console-access = Acceso
console-access-what = Cómo obtiene tokens y para qué.
console-grants = Concesiones
console-grant-code = Las personas inician sesión
console-grant-refresh = Sigue conectada aunque la persona no esté
console-grant-machine = Actúa por sí misma
console-grant-device = Se inicia sesión en otro dispositivo
console-grant-password = Recibe las contraseñas de las personas
console-grant-implicit = Recibe tokens por el navegador
console-grant-exchange = Intercambia tokens para la siguiente API
console-scopes = Ámbitos
console-scopes-hint = Separados por espacios, como openid profile email.
console-trust = Confianza
console-first-party = Una de las nuestras
console-first-party-what = No se pide consentimiento
console-pkce = Exigir PKCE
console-pkce-what = Un código robado no sirve a nadie más
console-pkce-always = Siempre activo para aplicaciones sin secreto
console-lifetimes = Duración
console-lifetimes-what = Cuánto valen sus tokens. Cuanto menos, más seguro.
console-access-lifetime = Tokens de acceso
console-refresh-lifetime = Tokens de actualización
console-seconds = En segundos.
console-use = Usarla
console-use-what = Los valores de esta aplicación ya están puestos.
console-use-settings = Ajustes
console-general = Nombre y descripción
console-description = Descripción
console-description-hint = Se lee cuando se pide consentimiento.
console-made = Creado
console-changed = Cambiado
console-save = Guardar
console-build-title = ¿Qué construye?
console-build-what = Elegimos ajustes seguros. Podrá cambiarlos después.
console-build-web = Aplicación web
console-build-web-what = Páginas hechas por un servidor. Puede guardar un secreto.
console-build-spa = Aplicación de una página
console-build-spa-what = Se ejecuta en el navegador y llama a API.
console-build-app = App de móvil o escritorio
console-build-app-what = La instalan las personas.
console-build-svc = Servicio
console-build-svc-what = Llama a API por sí solo, sin nadie presente.
console-build-tv = Televisor, consola o terminal
console-build-tv-what = No tiene un buen teclado.
console-you-get = Obtendrá
console-gives-code = Inicio de sesión por código con PKCE
console-gives-secret = Un secreto que se cambia sin interrupciones
console-gives-refresh = Tokens de actualización que cambian en cada uso
console-gives-no-secret-browser = Sin secreto: un navegador no puede guardarlo
console-gives-no-secret = Sin secreto
console-gives-origins = Orígenes del navegador (CORS) ya puestos
console-gives-own-tokens = Tokens para el propio servicio
console-gives-no-page = Sin página de inicio ni consentimiento
console-gives-short-code = Un código corto para teclear en el móvil
console-steps = Pasos
console-step-kind = Tipo
console-step-name = Nombre y direcciones
console-step-use = Copiar los valores
console-name-hint = Se lee al iniciar sesión.
console-continue = Continuar
console-cancel = Cancelar
console-back = Atrás
console-make-client = Crear la aplicación
console-client-made = { $client } está lista
console-made-what = Ponga estos valores en la aplicación y pruebe el primer inicio de sesión.
console-client-id = Id de cliente
console-client-secret = Secreto de cliente
console-to-client = A sus ajustes
console-count = { $count ->
    [one] 1 en total
   *[other] { $count } en total
}
console-number = { $count }
console-times = { $count ->
    [one] una vez
   *[other] { $count } veces
}
console-overview-of = { $tenant } hoy
console-figure-clients = Aplicaciones en total
console-figure-people = Personas en total
console-figure-failing = Aplicaciones con rechazos, 24 h
console-failing-title = Aplicaciones que necesitan atención
console-failing-none = A ninguna aplicación se le rechazó nada en las últimas 24 horas.
console-changes-title = Últimamente
console-people-what = Todas las personas con cuenta en { $tenant }.
console-people-search = Buscar personas
console-people-search-hint = Nombre, usuario o correo
console-people-all = Ver a todos
console-people-none = Aún no hay nadie
console-people-none-what = Las personas llegan al registrarse, por una aplicación que crea cuentas o por otro proveedor de identidad.
console-people-no-match = Nadie coincide con { $text }
console-people-no-match-what = Puede buscar por una parte del nombre, del usuario o del correo.
console-roles = Roles
console-last-sign-in = Último inicio de sesión
console-person-active = Activa
console-person-locked = Bloqueada
console-person-leaving = Se va pronto
console-send-link = Enviar enlace de contraseña
console-lock = Bloquear
console-unlock = Desbloquear
console-done-locked = Bloqueada. Se cerraron todas sus sesiones y sus tokens no valen.
console-done-unlocked = Desbloqueada. Puede volver a iniciar sesión.
console-done-reset = Hay un enlace en camino, si tiene un correo confirmado.
console-done-ended = La sesión ha terminado.
console-done-everywhere = Sesiones cerradas en todas partes. Todos sus tokens terminaron.
console-done-factors = Se quitaron los segundos factores. La próxima vez bastará la contraseña, salvo que se exija uno.
console-everywhere-of = ¿Cerrar todas las sesiones de { $name }?
console-everywhere-button = Cerrar todas las sesiones
console-factors-of = ¿Quitar todos los segundos factores de { $name }?
console-factors-button = Quitarlos
console-ends-sign-ins = terminan todas las sesiones, en todos los dispositivos
console-ends-their-tokens = deja de valer todo token que las aplicaciones tengan en su nombre
console-ends-pending = los enlaces enviados ya no llevan a ninguna parte
console-ends-factors = las aplicaciones de autenticación y llaves de acceso ya no cuentan
console-ends-codes = los códigos de recuperación ya no cuentan
console-timeline = Cronología
console-timeline-none = El registro no tiene nada sobre esta persona.
console-timeline-denied = Con el permiso audit:read verá lo ocurrido.
console-everything = Todo
console-failures = Fallos
console-by = por { $name }
console-about-person = Sobre esta persona
console-facts = Datos
console-id = Id
console-factors = Segundos factores
console-factors-none = No hay ninguno.
console-signed-in-on = Sesión iniciada en
console-nowhere = En ningún sitio ahora mismo.
console-end = Terminar
console-let-in = Aplicaciones permitidas
console-let-in-none = Ninguna.
console-activity-what = Quién hizo qué, cuándo y desde dónde.
console-activity-search = Una persona, aplicación o id
console-activity-none = Nada en el registro coincide
console-activity-none-what = Busque un usuario o id completo. Lo más antiguo que el registro ya no está.
console-outcome = Resultado
console-outcome-any = Cualquier resultado
console-outcome-success = Hecho
console-outcome-attempted = Intentado
console-outcome-failure = Fallido
console-outcome-refused = Rechazado
console-what = Qué
console-who = Quién
console-when = Cuándo
