# Portuguese.

## Everywhere

title = { $page } · { $tenant }
title-alone = { $page } · Writ
made-with = Writ
foot-terms = Termos
foot-privacy = Privacidade
foot-help = Ajuda
optional = (opcional)
back-to-sign-in = Voltar ao início de sessão
continue-to = Continuar para { $client }
problem-title = Não funcionou
refused-title = Pedido recusado
what-to-do = O que fazer
request-id = Identificador do pedido:
about-error = Para programadores: sobre este erro
refused-remedy = Não foi enviado de volta para a aplicação. Vá até lá e tente de novo. Se voltar a acontecer, envie este texto e o identificador do pedido aos responsáveis pela aplicação.
failed-remedy = Isto passa por si. Volte atrás e tente de novo daqui a pouco.
busy = O servidor está ocupado. Aguarde um momento e tente de novo.
old-form = Esta página esteve aberta demasiado tempo, ou noutra janela. Tente de novo.
password-hint = 8 caracteres ou mais. Algumas palavras invulgares são fáceis de lembrar e difíceis de adivinhar.
password-weak = Esta palavra-passe é demasiado fácil de adivinhar.
password-weak-remedy = Acrescente algumas palavras menos comuns.
show-password = Mostrar a palavra-passe
caps-lock = O Caps Lock está ligado.
strength-fair = Razoável
strength-good = Boa
strength-strong = Forte
copy = Copiar
copy-codes = Copiar os códigos
copy-key = Copiar a chave
copied = Copiado
too-long = Isto é demasiado longo.
birthdate-wrong = Escreva-a como ano, mês e dia, por exemplo 1990-12-31.
language = Idioma

## What an application may

scope-openid = Iniciar a sua sessão e saber quem é
scope-profile = Ver o seu nome e o resto do seu perfil
scope-email = Ver o seu endereço de e-mail
scope-address = Ver a sua morada
scope-phone = Ver o seu número de telefone
scope-offline-access = Manter o acesso enquanto estiver ausente
scope-roles = Ver que funções tem
scope-groups = Ver a que grupos pertence
scope-oauth-read = Ler clientes, scopes, consentimentos e tokens
scope-oauth-write = Alterar clientes, scopes, consentimentos e tokens
scope-users-read = Ler utilizadores e funções
scope-users-write = Alterar utilizadores e funções
scope-sessions-read = Ler sessões
scope-sessions-write = Terminar sessões
scope-audit-read = Ler o registo de auditoria
scope-keys-read = Ler chaves de API
scope-keys-write = Alterar chaves de API
scope-tenants-read = Ler todos os tenants
scope-tenants-write = Alterar todos os tenants
scope-clients-trust = Decidir em que aplicações se confia, e alterá-las
scope-unnamed = Algo que não descreve

## Sign in

sign-in-title = Iniciar sessão
sign-in-to = para continuar para { $client }
choose-title = Escolher uma conta
signed-in-as = Tem sessão iniciada como { $name }
continue-as = Continuar como { $name }
or-somebody-else = ou iniciar sessão com outra conta
prove-again = Escreva a palavra-passe de { $name } para continuar, ou inicie sessão com outra conta.
username-label = Nome de utilizador ou e-mail
password-label = Palavra-passe
sign-in-button = Iniciar sessão
forgot = Esqueceu-se da palavra-passe?
no-account = Ainda não tem conta?
register-link = Registar-se
not-signed-in = O nome de utilizador ou a palavra-passe está incorreto, ou não pode iniciar sessão neste momento.
not-signed-in-remedy = Verifique ambos, ou defina uma nova palavra-passe.
unverified = O seu endereço de e-mail ainda não está confirmado.
unverified-remedy = Abra a ligação no e-mail que lhe enviámos e depois inicie sessão.
send-another-email = Enviar outro e-mail
too-many-sign-ins = Houve demasiadas tentativas falhadas a partir da sua rede.
wait-and-retry = Aguarde um momento e tente de novo.
server-busy = O servidor está ocupado.

## Requests that are over

unknown-challenge = Este início de sessão terminou, ou foi começado noutro navegador. Também é isto que se vê se um navegador não guardar cookies.
unknown-challenge-remedy = Volte à aplicação de onde veio e inicie sessão de novo, neste navegador.
over-answered = Já respondeu a { $client }, e cada pedido é respondido uma vez.
over-answered-remedy = Continue em { $client }. Se não conseguir entrar, inicie lá sessão de novo.
over-late = Um início de sessão tem de terminar em { $minutes } minutos, e este não terminou. { $client } não soube de nada.
over-late-remedy = Volte a { $client } e inicie sessão de novo.
over-ended = Concordou, mas antes de voltar terminou a sessão, a sua palavra-passe foi alterada, ou a sua conta ou o consentimento foi alterado. { $client } não soube de nada.
over-somebody-else = Quem concordou não é quem tem aqui a sessão iniciada. { $client } não soube de nada.
over-somebody-else-remedy = Termine a sessão. Depois volte a { $client } e inicie sessão como a pessoa que a deve usar.
to-client = Para { $client }
start-again = Entrar novamente em { $client }

## Consent

consent-title = { $client } quer usar a sua conta { $tenant }
use-another-account = Usar outra conta
consent-nothing = Pede apenas a sua aprovação, e nenhuns dados.
consent-legend = Se concordar, { $client } poderá:
always-included = Sempre incluído
nothing-ticked = Não há nada assinalado. Assinale o que { $client } pode ter, ou escolha Recusar.
consent-return = Voltará a { $target }. Pode retirar o seu consentimento a qualquer momento na { $account }.
consent-return-app = Voltará a uma aplicação neste dispositivo. Pode retirar o seu consentimento a qualquer momento na { $account }.
consent-more = { $count ->
    [one] Mais 1 permissão
   *[other] Mais { $count } permissões
}
consent-added = Adicionada por { $tenant }
consent-by-itself = Esta aplicação registou-se sozinha. Ninguém de { $tenant } a verificou.
consent-by-document = Esta aplicação descreve-se a si própria em { $host }. Ninguém de { $tenant } a verificou. Continue apenas se confiar nesse endereço.
consent-agent = { $client } é um agente: age sozinho em seu nome, mesmo quando não está presente, até { $when }.
consent-resource = Usar este serviço em seu nome
consent-no-value = Ainda não consta na sua conta
your-account = sua conta
allow = Permitir
deny = Recusar

## Devices

device-title = Ligar um dispositivo
device-what = Escreva o código que o seu dispositivo mostra.
device-code-label = Código
device-button = Continuar
device-unknown = Nada espera com este código. Compare-o com o que o seu dispositivo mostra. Um código dura dez minutos; se o seu for mais antigo, peça outro no dispositivo.
device-allowed-title = O seu dispositivo pode continuar
device-allowed = Pode fechar esta página. O seu dispositivo continua sozinho dentro de segundos.
device-denied-title = O seu dispositivo não recebe nada
device-denied = Disse que não, e o seu dispositivo fica a saber. Pode fechar esta página.
consent-device = Continue só se um dispositivo à sua frente mostrar o código { $code }. O pedido veio de { $place }. Se alguém lhe enviou este código, prima Recusar.
consent-device-somewhere = Continue só se um dispositivo à sua frente mostrar o código { $code }. Se alguém lhe enviou este código, prima Recusar.
consent-return-device = O seu dispositivo continua sozinho. Pode retirar o seu consentimento a qualquer momento na { $account }.

## Sign out

sign-out-title = Terminar sessão
sign-out-what = Tem sessão iniciada como { $name }. Terminá-la acaba com ela em todas as aplicações de { $tenant } neste navegador.
sign-out-button = Terminar sessão
signed-out-title = Sessão terminada
signed-out-done = A sua sessão em { $tenant } terminou neste navegador. As aplicações perdem o acesso que tinham por esta sessão, exceto as que o podem manter enquanto estiver ausente.
signed-out-before = Ninguém tem sessão iniciada em { $tenant } neste navegador. Para iniciar, vá à aplicação que quer usar.
signed-out-on = Continuar
signed-out-shared = Num computador partilhado, feche também a janela do navegador.
still-signed-in = A sua sessão continua iniciada. A página que perguntou esteve aberta demasiado tempo, ou noutra janela.
still-signed-in-remedy = Abra-a de novo e termine lá a sessão.

check-session-title = Estado da sessão

## The answer in a form

form-post-title = Voltar à aplicação
form-post-what = Mais um passo, porque o seu navegador não executa scripts aqui.
continue = Continuar

## Register

register-title = Registar-se
register-at = para ter uma conta { $tenant }
register-username = Endereço de e-mail ou nome de utilizador
register-name = O seu nome
register-button = Registar-se
have-account = Tem uma conta?
sign-in-link = Iniciar sessão
welcome-title = Bem-vindo
welcome-confirm = Enviámos uma ligação para o endereço de e-mail que indicou. Confirme com ela o endereço e depois inicie sessão.
welcome = Se indicou um endereço de e-mail, enviámos uma ligação para o confirmar. Já pode iniciar sessão.

## A new password

reset-title = Definir uma nova palavra-passe
reset-what = Escreva o nome com que inicia sessão em { $tenant }. Enviaremos uma ligação para o endereço de e-mail dessa conta.
reset-signs-out = A sua sessão terminará em todos os sítios onde está iniciada.
username-or-address = Nome de utilizador ou endereço de e-mail
send-link = Enviar a ligação
new-password-label = Nova palavra-passe
set-password = Guardar a palavra-passe
reset-done-title = A sua nova palavra-passe está guardada
reset-done = Já pode iniciar sessão com ela. Onde tinha sessão iniciada antes, ela terminou.
check-email-title = Veja o seu e-mail
reset-sent = Se houver uma conta com esse nome e um endereço de e-mail, enviámos uma ligação para lá. Funciona uma vez, durante 30 minutos.
no-mail = Este servidor não envia e-mails, por isso não lhe pode enviar uma ligação. Pergunte aos responsáveis: podem fazê-lo por si.
dead-link-title = Esta ligação já não funciona
dead-link = Já foi usada, expirou ou não está completa.
another-link = Pedir outra ligação

## An email address

verify-title = Confirmar o seu endereço de e-mail
verify-what = Escreva o nome com que inicia sessão em { $tenant }. Enviaremos uma ligação para o endereço de e-mail dessa conta, se ainda não estiver confirmado.
verify-mine = Alguém indicou este endereço para uma conta. Confirme-o apenas se foi você.
verify-button = Este endereço é meu
verify-done-title = O seu endereço de e-mail está confirmado
verify-done = Obrigado. Pode continuar onde estava, ou fechar esta página.
verify-sent = Se houver uma conta com esse nome e um endereço de e-mail por confirmar, enviámos uma ligação para lá. Funciona uma vez, durante 24 horas.
verify-expired = Esta ligação expirou. Podemos enviar outra para o mesmo endereço.
verify-again = Enviar outra ligação
taken-title = Este endereço já está em uso

## For developers

mailbox-title = Caixa de correio
mailbox-what = E-mails para pessoas, os mais recentes primeiro. Não há servidor de correio configurado, por isso são mostrados aqui, só nesta máquina.
mailbox-empty = Não há nenhum.
mailbox-to = para { $to }
follow-link = Seguir a ligação
all-mail = Todos os e-mails
errors-title = Erros
errors-what = As respostas de erro do endpoint de tokens e das API trazem uma error_uri, que leva a uma destas páginas.
all-errors = Todos os erros

## The account

skip = Saltar para o conteúdo
account-title = A sua conta
sign-in-to-account = na sua conta { $tenant }
profile-title = Perfil
security-title = Segurança
devices-title = Dispositivos
applications-title = Aplicações com acesso
applications-short = Aplicações
allowed-when = Permitida
agent-until = Agente: pode agir em seu nome até { $when }
agent-over = Agente: o seu prazo terminou
activity-title = Atividade
back-to-account = Voltar à sua conta
edit = Editar
change = Alterar
save = Guardar
none = Nenhum
username-alone = Nome de utilizador
email-label = E-mail
confirmed = Confirmado
not-confirmed = Por confirmar
email-pending = Novo e-mail
email-waits = Aguarda que abra a ligação que enviámos para lá
member-since = Conta desde
security-what = Como prova que é você.
last-sign-in = Última utilização: { $when }
devices-what = Onde tem agora sessão iniciada. Ao terminar a de um dispositivo, o acesso acaba em segundos.
this-device = Este dispositivo
by-administrator = por um administrador
unknown-device = Dispositivo desconhecido
sign-out-device = Terminar a sessão de { $device }
sign-out-others = Terminar em todos os outros
applications-what = Permitiu que estas usassem a sua conta.
applications-none = Nenhuma aplicação pediu ainda o seu consentimento.
remove = Remover
remove-application = Remover o acesso de { $client }
show-older = Mostrar anteriores
download-data = Descarregar os seus dados
delete-account = Eliminar a sua conta

edit-profile-title = Editar o seu perfil
for-example = Por exemplo { $example }
picture-hint = PNG, JPEG ou WebP, até 1 MB. É recortada num quadrado e mostrada pelas aplicações que podem ver o seu perfil.
picture-upload = Carregar a imagem
picture-remove = Remover a imagem
picture-wrong = Não podemos mostrar este ficheiro como imagem. Escolha um ficheiro PNG, JPEG ou WebP até 1 MB.
change-email-title = Alterar o seu endereço de e-mail
change-email-what = O seu endereço é { $email }. Enviamos uma ligação para o novo, e passa a ser o seu quando a abrir.
change-email-waits = Enviámos uma ligação para { $email }. Passa a ser o seu endereço quando a abrir.
change-email-first = Enviamos uma ligação para o endereço, e passa a ser o seu quando a abrir.
change-email-button = Enviar a ligação
forget-email = Manter o endereço atual
new-email-label = Novo endereço de e-mail
change-password = Alterar a sua palavra-passe
change-password-what = Aqui a sua sessão continua. Em todos os outros sítios termina.
change-password-button = Alterar a palavra-passe
current-password-label = A sua palavra-passe atual
current-password-wrong = Esta não é a sua palavra-passe atual.

done-name = O seu perfil está guardado.
done-picture = A sua imagem está guardada.
done-picture-gone = A sua imagem foi removida.
done-email = Enviámos uma ligação para o seu novo endereço. Abra-a lá para confirmar a alteração.
done-email-kept = O seu endereço fica como está.
done-password = A sua palavra-passe foi alterada. A sessão terminou em todos os outros sítios.
done-device = A sessão desse dispositivo terminou.
done-devices = A sessão terminou em todos os sítios menos aqui.
done-application = A aplicação já não tem acesso.
leave-what = Assim elimina { $name } em { $tenant }.
leave-out = A sua sessão termina em todo o lado de imediato, e nenhuma aplicação pode usar mais a sua conta.
leave-grace = Até { $when } pode mudar de ideias: inicie sessão e mantenha a sua conta. Depois é eliminada de vez.
leave-now = A conta é eliminada de imediato. Não pode ser recuperada.
leave-gone = O seu perfil, a sua palavra-passe, as suas sessões e os acessos que deu a aplicações são eliminados.
leave-stays = O que as aplicações sabem de si fica com elas, e { $tenant } guarda um registo do que aconteceu com a conta. Antes pode { $data }.
leave-data = descarregar os seus dados
leave-button = Eliminar a minha conta
left-title = A sua conta vai ser eliminada
left-until = A sua sessão terminou em todo o lado. A conta é eliminada em { $when }. Até lá ninguém a pode usar, e ainda a pode manter.
left-keep = Iniciar sessão e mantê-la
left-now-title = A sua conta foi eliminada
left-now = A sua sessão terminou em todo o lado, e nada da conta pode ser usado.
keep-title = Manter a sua conta?
keep-what = { $name } vai ser eliminada em { $when }, como pediu. Se a mantiver, continua sua como antes.
keep-button = Manter a minha conta
done-kept = A sua conta fica. As aplicações que usa pedem-lhe que inicie sessão de novo.
event-leaving = Pediu para eliminar a sua conta
event-kept = Manteve a sua conta

activity-what = Os últimos 30 dias. Há alguma coisa que não reconheça?
activity-none = Não aconteceu nada nos últimos 30 dias.
event-signed-in = Sessão iniciada
event-sign-in-failed = Um início de sessão falhou
event-created = A conta foi criada
event-updated = A conta foi alterada
event-roles = As suas funções foram alteradas
event-enabled = A conta foi desbloqueada
event-disabled = A conta foi bloqueada
event-reset-requested = Alguém pediu uma ligação para uma nova palavra-passe
event-reset = Foi definida uma nova palavra-passe
event-email-verified = O seu endereço de e-mail foi confirmado
event-signed-out = Sessão terminada
event-approved = { $client } pode usar a conta
event-denied = { $client } foi recusada
an-application = Uma aplicação
event-withdrawn = O acesso de uma aplicação foi removido
event-tokens-revoked = O acesso de aplicações terminou
event-replayed = Alguém usou o que já tinha sido usado, por isso o acesso de uma aplicação terminou

claim-given-name = Nome próprio
claim-family-name = Apelido
claim-middle-name = Nome do meio
claim-nickname = Alcunha
claim-profile = Página de perfil
claim-picture = Imagem
claim-website = Site
claim-gender = Género
claim-birthdate = Data de nascimento
claim-zoneinfo = Fuso horário
claim-locale = Idioma
claim-address = Morada
claim-street = Rua
claim-locality = Localidade
claim-region = Região
claim-postal-code = Código postal
claim-country = País
claim-phone = Telefone
claim-phone-confirmed = Se o seu número de telefone está confirmado
claim-email-confirmed = Se o seu endereço de e-mail está confirmado
claim-updated = Quando o seu perfil mudou pela última vez

when-now = agora mesmo
when-minutes = { $count ->
    [one] há { $count } minuto
   *[other] há { $count } minutos
}
when-hours = { $count ->
    [one] há { $count } hora
   *[other] há { $count } horas
}
when-date = { $day } de { $month } de { $year }
month-january = janeiro
month-february = fevereiro
month-march = março
month-april = abril
month-may = maio
month-june = junho
month-july = julho
month-august = agosto
month-september = setembro
month-october = outubro
month-november = novembro
month-december = dezembro

## Two-step sign-in

factor-title = Digite seu código
factor-what = { $name } está protegida por uma segunda etapa. Digite o código mostrado pelo seu aplicativo autenticador.
factor-code-label = Código do aplicativo
factor-button = Continuar
factor-use-recovery = Usar um código de recuperação
factor-use-app = Usar o aplicativo
factor-wrong = Este código não está correto.
factor-wrong-remedy = Cada código vale uma única vez e por cerca de meio minuto. Digite o que o aplicativo mostra agora.
recovery-what = Digite um dos códigos de recuperação que você guardou para { $name }. Cada um vale uma única vez.
recovery-code-label = Código de recuperação
recovery-wrong = Este código de recuperação não está correto.
recovery-wrong-remedy = Confira o que você digitou. Um código já usado não vale de novo.
too-many-codes = Houve códigos incorretos demais.
authenticator-title = Configurar um aplicativo autenticador
authenticator-required = { $tenant } pede uma segunda etapa ao entrar: um código de um aplicativo. Configure agora.
authenticator-what = Ao entrar, você digitará um código do aplicativo depois da senha.
authenticator-scan = Abra um aplicativo autenticador no telefone e escaneie esta imagem.
authenticator-picture = Imagem para a câmera de um aplicativo autenticador
authenticator-open = Abrir em um aplicativo neste dispositivo
authenticator-key = Ou digite esta chave no aplicativo:
authenticator-code-hint = O aplicativo mostra seis dígitos assim que conhece a chave.
authenticator-button = Ativar
authenticator-name = Aplicativo autenticador
authenticator-name-label = Seu nome para este aplicativo
codes-title = Guarde seus códigos de recuperação
codes-what = Se você perder o telefone, um destes códigos substitui o aplicativo ao entrar. Imprima ou anote-os.
codes-once = Cada um vale uma única vez. Eles só aparecem agora.
codes-kept = Já guardei
two-step = Entrada em duas etapas
two-step-off = Desativada: só a senha basta para entrar.
two-step-on = Ativada: depois da senha, você usa também um aplicativo ou uma chave de acesso.
two-step-add = Adicionar um aplicativo
factor-set-up = Configurado { $when }
factor-used = Último uso { $when }
factor-remove = Remover { $factor }
factor-remove-title = Remover este aplicativo?
factor-remove-what = Os códigos de { $factor } não servirão mais para entrar. Se for seu único aplicativo, seus códigos de recuperação acabam com ele.
recovery-codes = Códigos de recuperação
recovery-codes-left = { $count ->
    [one] { $count } código restante
   *[other] { $count } códigos restantes
}
codes-renew = Criar novos códigos
codes-renew-title = Criar novos códigos de recuperação?
codes-renew-what = Os códigos que você tem agora deixarão de valer.
done-factor-added = O aplicativo está configurado.
done-factor-removed = O aplicativo foi removido.
event-password-accepted = A senha correta foi digitada e um código foi pedido
event-factor-added = Um aplicativo autenticador ou uma chave de acesso foi configurado
event-factor-removed = Um aplicativo autenticador ou uma chave de acesso foi removido
event-codes = Novos códigos de recuperação foram criados

## Letters

mail-button-fails = Se o botão não funcionar, abra este endereço:
mail-reset-subject = Definir uma nova palavra-passe para { $tenant }
mail-reset-asked = Alguém, esperamos que você, pediu uma nova palavra-passe para a sua conta { $tenant }.
mail-reset-what = Esta ligação leva a um formulário onde pode defini-la. Funciona uma vez, durante 30 minutos.
mail-reset-link = Definir uma nova palavra-passe
mail-reset-ignore = Se não foi você, ignore este e-mail: a sua palavra-passe continua a mesma.
mail-verify-subject = Confirmar o seu endereço de e-mail para { $tenant }
mail-verify-given = Este endereço foi indicado para uma conta { $tenant }.
mail-verify-what = Confirme com esta ligação que é seu. Funciona uma vez, durante 24 horas.
mail-verify-link = Confirmar este endereço
mail-verify-ignore = Se não tem essa conta, ignore este e-mail.
mail-password-subject = A sua palavra-passe de { $tenant } foi alterada
mail-password-what = A palavra-passe da sua conta { $tenant } foi alterada, e a sua sessão terminou em todo o lado.
mail-password-not-you = Se não foi você, defina já uma nova palavra-passe e avise os responsáveis pelo serviço.
mail-changing-subject = Outro endereço de e-mail para a sua conta { $tenant }
mail-changing-what = Foi indicado outro endereço de e-mail para a sua conta { $tenant }. Este continua a ser o seu até o outro ser confirmado.
mail-changing-not-you = Se não foi você, defina já uma nova palavra-passe, o que também faz esquecer o outro endereço, e avise os responsáveis pelo serviço.
mail-changed-subject = O seu endereço de e-mail de { $tenant } foi alterado
mail-changed-what = A sua conta { $tenant } tem agora outro endereço de e-mail. A partir de agora as mensagens vão para lá.
mail-changed-not-you = Se não foi você, avise já os responsáveis pelo serviço.
mail-leaving-subject = A sua conta em { $tenant } vai ser eliminada
mail-leaving-what = Pediu para eliminar a sua conta. É eliminada em { $when }. Até lá ninguém a pode usar.
mail-leaving-keep = Para a manter, inicie sessão antes dessa data.
mail-leaving-not-you = Se não foi você, inicie sessão, mantenha a sua conta e defina uma nova palavra-passe.
mail-kept-subject = A sua conta em { $tenant } mantém-se
mail-kept-what = A sua conta ia ser eliminada, e um administrador manteve-a. Pode iniciar sessão e usá-la como antes.
mail-kept-again = Se ainda quiser eliminá-la, elimine-a outra vez na página da sua conta.
mail-left-subject = A sua conta em { $tenant } foi eliminada
mail-left-what = A sua conta foi eliminada, como pediu. Não pode ser recuperada.
mail-left-after = Este é o último email sobre ela.
mail-registered-subject = Tem uma conta { $tenant }
mail-registered-what = Alguém, esperamos que você, tentou registar-se em { $tenant } com um nome que já usa.
mail-registered-reset = Se foi você e se esqueceu da palavra-passe, pode definir aqui uma nova.
mail-registered-ignore = Se não foi você, ignore este e-mail: nada foi alterado.
mail-factor-added-subject = Um aplicativo autenticador foi configurado para { $tenant }
mail-factor-added-what = Para entrar na sua conta em { $tenant } agora também é pedido um código de um aplicativo autenticador.
mail-factor-removed-subject = Um aplicativo autenticador foi removido de { $tenant }
mail-factor-removed-what = Um aplicativo autenticador foi removido da sua conta em { $tenant }. Os códigos dele não servem mais para entrar.
mail-codes-subject = Novos códigos de recuperação para { $tenant }
mail-codes-what = Novos códigos de recuperação foram criados para a sua conta em { $tenant }. Os anteriores não valem mais.
mail-code-used-subject = Um código de recuperação foi usado em { $tenant }
mail-code-used-what = Alguém entrou na sua conta em { $tenant } com um código de recuperação. Códigos restantes: { $left }.
mail-factor-not-you = Se não foi você, defina uma nova senha imediatamente e avise quem administra o serviço.

# Outros fornecedores de identidade
continue-with = Continuar com { $provider }
or = ou
upstream-denied = Não iniciou sessão em { $provider }.
upstream-denied-remedy = Tente novamente ou escolha outra forma.
upstream-failed = Não foi possível iniciar sessão em { $provider }.
upstream-failed-remedy = { $provider } não responde, ou não como devia. Tente novamente daqui a pouco ou escolha outra forma.
upstream-taken = Já existe uma conta com este endereço de e-mail.
upstream-taken-remedy = Inicie sessão com a sua palavra-passe. Depois pode ligar { $provider } na página da sua conta.
upstream-none = Não há aqui nenhuma conta para si em { $provider }.
upstream-none-remedy = Contacte quem gere este serviço.
upstream-address = { $provider } não indicou nenhum endereço de e-mail confirmado.
upstream-address-remedy = Confirme lá o seu endereço e tente novamente.
upstream-account-remedy = Em { $provider } está tudo bem. Contacte quem gere este serviço.
upstream-unknown = Este início de sessão não começou aqui.
upstream-unknown-remedy = Demorou demasiado ou começou noutro navegador. Volte ao sítio de onde veio e tente novamente.
connection-add = Ligar { $provider }
connection-add-title = Ligar outra conta
connection-add-what = Poderá iniciar sessão com { $provider }. Primeiro mostre que é você; depois inicie sessão lá.
connection-go = Continuar
connection-remove = Remover a ligação com { $provider }
connection-remove-title = Remover esta ligação?
connection-remove-what = Deixará de poder iniciar sessão com { $provider }.
connection-sign-in = Para mudar a forma como inicia sessão ({ $provider }), mostre primeiro que é você: inicie sessão outra vez.
connection-last = { $provider } é a sua única forma de iniciar sessão. Defina primeiro uma palavra-passe.
connection-elsewhere = Esta conta em { $provider } está ligada a outra conta aqui.
connection-already = Já ligou uma conta em { $provider }. Remova primeiro essa.
done-connected = A sua conta está ligada.
done-connection-removed = A ligação foi removida.
mail-linked-subject = { $left } foi ligado à sua conta
mail-linked-what = Já se pode iniciar sessão na sua conta em { $tenant } com { $left }.
mail-unlinked-subject = { $left } foi removido da sua conta
mail-unlinked-what = Já não se pode iniciar sessão na sua conta em { $tenant } com { $left }.
mail-linked-not-you = Se não foi você, mude a sua palavra-passe e veja as formas de iniciar sessão na página da sua conta.
## Passkeys

passkey-sign-in = Entrar com uma chave de acesso
passkey-use = Usar uma chave de acesso
passkey-instead-of-password = Usar uma chave de acesso em vez da senha
passkey-make = Criar uma chave de acesso
or-passkey = Ou crie uma chave de acesso
passkey-failed = Nenhuma chave de acesso foi usada. Tente de novo ou entre de outra forma.
passkey-not-made = Nenhuma chave de acesso foi criada. Tente de novo ou use outro dispositivo.
passkey-without = Isto precisa de um navegador que conheça chaves de acesso e execute scripts.
passkey-refused = Esta chave de acesso não foi aceita.
passkey-refused-remedy = Tente de novo ou entre de outra forma.
passkey-title = Use sua chave de acesso
passkey-what = { $name } está protegido por uma segunda etapa. Prove com sua chave de acesso que é você.
passkey-called = { $name } em { $tenant }
passkey-name = Chave de acesso
passkey-name-label = Seu nome para esta chave de acesso
passkey-new-title = Criar uma chave de acesso
passkey-new-what = Com uma chave de acesso você entra sem senha: com sua impressão digital, seu rosto ou o PIN do seu dispositivo.
passkey-first-what = Com uma chave de acesso você entra sem senha: com sua impressão digital, seu rosto ou o PIN do seu dispositivo. De quem entrar com sua senha será pedida também a chave de acesso, ou um dos códigos de recuperação que você vai receber agora.
passkey-remove-title = Remover esta chave de acesso?
passkey-remove-what = { $factor } não servirá mais para entrar. Apague-a também no seu dispositivo. Se você não tiver outra chave de acesso nem um aplicativo, seus códigos de recuperação acabam com ela.
passkeys-title = Chaves de acesso
passkeys-what = Entre com seu dispositivo, sem senha.
password-too-title = Digite também sua senha
password-too-what = Sua chave de acesso não verificou que é você. Digite a senha de { $name } para continuar.
factor-use-passkey = Usar a chave de acesso
done-passkey-added = A chave de acesso foi criada.
done-passkey-removed = A chave de acesso foi removida.
event-passkey-copied = Uma chave de acesso foi recusada: pode existir uma cópia dela
mail-passkey-added-subject = Uma chave de acesso foi criada para { $tenant }
mail-passkey-added-what = Uma chave de acesso foi criada para sua conta em { $tenant }. Ela entra sem senha. De quem digita a senha ela também é pedida.
mail-passkey-removed-subject = Uma chave de acesso foi removida de { $tenant }
mail-passkey-removed-what = Uma chave de acesso foi removida da sua conta em { $tenant }. Ela não serve mais para entrar.
mail-factors-removed-subject = A entrada em duas etapas foi redefinida em { $tenant }
mail-factors-removed-what = Alguém da administração removeu todas as chaves de acesso, os aplicativos autenticadores e os códigos de recuperação da sua conta em { $tenant }.
mail-passkey-copied-subject = Uma chave de acesso foi recusada em { $tenant }
mail-passkey-copied-what = Sua chave de acesso { $factor } diz que foi usada menos vezes do que sabemos. Alguém pode ter uma cópia dela. Ela foi recusada.
mail-passkey-copied-do = Remova esta chave de acesso na página da sua conta e crie uma nova. Se você não acabou de usá-la, mude também sua senha.

## Signing in by mail

mailed-way = Receber uma ligação para iniciar sessão
mailed-title = Iniciar sessão por e-mail
mailed-what = Escreva o nome ou o endereço de e-mail com que inicia sessão em { $tenant }. Enviaremos uma ligação e um código para lá.
mailed-button = Enviar o e-mail
mailed-sent = Se houver uma conta com esse nome e um endereço de e-mail confirmado, enviámos uma ligação e um código para lá. Funcionam uma vez, durante 10 minutos, neste navegador.
mailed-code-label = Código do e-mail
mailed-again = Enviar outro e-mail
mailed-confirm = Iniciar sessão em { $tenant } como { $name }?
mailed-elsewhere-title = Não começou neste navegador
mailed-elsewhere = A ligação só funciona onde a pediu. Abra-a lá, ou escreva o código do e-mail na página que está aberta lá.
mailed-wrong = Esta ligação ou este código não funciona.
mailed-wrong-remedy = Cada um funciona uma vez, durante 10 minutos. Verifique o que escreveu, ou peça outro e-mail.
mailed-second-title = Confirme que é você
mailed-second-what = { $tenant } pede um segundo passo. Podemos enviar um código para { $email }.
mailed-second-send = Receber um código por e-mail
mailed-second-sent = Enviámos um código para { $email }. Funciona uma vez, durante 10 minutos.
mailed-second-again = Enviar outro código
mailed-second-app = Configurar antes uma aplicação ou uma chave de acesso
mailed-second-many = Já lhe foram enviados vários e-mails. Aguarde alguns minutos e tente de novo.
event-sign-in-mail = Alguém pediu um e-mail para iniciar sessão
event-mail-accepted = Uma ligação ou um código de um e-mail foi usado para iniciar sessão
mail-sign-in-subject = Iniciar sessão em { $tenant }
mail-sign-in-asked = Alguém, esperamos que você, quer iniciar sessão em { $tenant } com este e-mail.
mail-sign-in-what = Prima o botão no navegador em que o pediu, ou escreva lá este código. Funciona uma vez, durante 10 minutos.
mail-sign-in-link = Iniciar sessão
mail-sign-in-ignore = Se não foi você, ignore este e-mail. Não dê o código a ninguém: quem o pedir quer entrar na sua conta.
mail-code-subject = O seu código para { $tenant }
mail-code-what = Alguém, esperamos que você, está a iniciar sessão em { $tenant } e tem de escrever este código. Funciona uma vez, durante 10 minutos.
mail-code-ignore = Se não foi você, não dê o código a ninguém e defina uma nova palavra-passe: alguém conhece a sua.

## Devices that are remembered

remember-device = { $count ->
    [one] Não voltar a perguntar neste dispositivo durante um dia
   *[other] Não voltar a perguntar neste dispositivo durante { $count } dias
}
remembered-since = O segundo passo não é pedido desde { $when }, até { $until }
remembered-forget = Voltar a perguntar
remembered-forget-device = Voltar a pedir o segundo passo em { $device }
done-forgotten = O segundo passo volta a ser pedido aí.
event-device-forgotten = O segundo passo volta a ser pedido em dispositivos

## The console

when-moment = { $date }, { $time } UTC
console-title = Consola
console-overview = Visão geral
console-clients = Aplicações
console-people = Pessoas
console-audit = Atividade
console-docs = Documentação
console-open-menu = Abrir o menu
console-search = Pesquisar tudo
console-search-hint = Pesquise ou cole um id
console-search-button = Pesquisar
console-search-what = Pode procurar aplicações e pessoas por nome, endereço ou id.
console-search-none = Nada corresponde a { $text }
console-keys = Teclado
console-close = Fechar
console-you-are-here = Está aqui
console-again-title = Inicie sessão de novo
console-again-two = Isto precisa de dois passos: a sua palavra-passe e a sua aplicação ou chave de acesso.
console-again-fresh = Iniciou sessão há algum tempo. Mostre mais uma vez que é você e continua onde estava.
console-again-button = Iniciar sessão e continuar
console-gone-title = Não há nada aqui
console-gone = Talvez tenha sido eliminado ou pertença a outro inquilino.
console-denied-title = Não tem permissão para isto
console-to-start = Para a visão geral
console-pages = Páginas
console-first-page = Primeira página
console-next-page = Seguinte
console-see-all = Ver tudo
console-all = Todas
console-unused = Sem uso 90 dias
console-name = Nome
console-kind = Tipo
console-state = Estado
console-last-used = Última utilização
console-never = nunca
console-never-used = ainda não usado
console-kind-web = Web
console-kind-spa = Página única
console-kind-native = Aplicação instalada
console-kind-machine = Serviço
console-kind-device = Dispositivo
console-state-working = Funciona
console-state-failing = Com falhas
console-state-off = Desativada
console-state-unused = Ainda sem uso
console-clients-what = Aplicações e serviços que usam { $tenant } para iniciar sessão ou chamar API.
console-clients-search = Pesquisar aplicações
console-clients-search-hint = Nome ou id
console-clients-all = Ver todas as aplicações
console-clients-none = Ainda não há aplicações
console-clients-none-what = Uma aplicação ou um serviço obtém tokens aqui. Diga o que constrói e recebe as definições certas.
console-clients-no-match = Nenhuma aplicação corresponde a { $text }
console-clients-no-match-what = Pode pesquisar por uma parte do nome ou do id.
console-clients-none-unused = Todas as aplicações estão em uso
console-clients-none-unused-what = Cada uma obteve um token nos últimos 90 dias ou é mais recente.
console-client-new = Nova aplicação
console-done-saved = Guardado. Vale a partir do próximo pedido.
console-done-client-on = Ativada.
console-done-client-off = Desativada. Já não obtém tokens e os que tem não valem.
console-done-client-deleted = A aplicação foi eliminada.
console-switch-off = Desativar
console-switch-on = Ativar
console-delete = Eliminar
console-delete-of = Eliminar { $client }?
console-delete-button = Eliminar { $client }
console-delete-what = Não pode ser desfeito. Assim que eliminar:
console-delete-instead = Não tem a certeza? Desative-a. Pode voltar a ativá-la e nada se perde.
console-ends-tokens = os seus tokens deixam logo de funcionar
console-ends-people = ninguém pode iniciar sessão através dela
console-ends-consents = esquece-se o que as pessoas lhe permitiram
console-ends-secret = o seu id e os seus segredos nunca mais valem
console-log-stays = O registo do que aconteceu mantém-se
console-confirm = Escreva { $name } para confirmar
console-confirm-wrong = Esse não é o nome. Escreva-o como está acima.
console-keep-it = Mantê-la
console-why-title = Porque falha esta aplicação?
console-last-day = nas últimas 24 horas
console-why-nothing = Nada foi recusado nas últimas 24 horas.
console-sent = Enviado
console-registered = Registado
console-add-address = Adicionar este endereço
console-about-error = Sobre este erro
console-why-address = O endereço de redirecionamento não está registado
console-why-address-what = Os endereços são comparados letra a letra. Se a aplicação estiver certa, adicione o endereço enviado.
console-why-address-foreign = Está noutro sítio que os registados. Qualquer pessoa pode enviar isto: adicione-o só se souber que é seu.
console-why-secret = A credencial não é a correta
console-why-secret-what = Quase sempre um servidor ainda tem um segredo antigo, ou falta uma letra. Compare as quatro últimas letras abaixo ou mude o segredo.
console-why-scope = Pede âmbitos que não pode ter
console-why-scope-what = Dê-lhe o âmbito abaixo ou retire-o do pedido.
console-why-grant = Usa uma concessão que não tem
console-why-grant-what = Ative a concessão abaixo se a aplicação a deve usar.
console-why-code = Um código ou token de atualização já não valia
console-why-code-what = Cada um vale uma vez e por algum tempo. Se acontece muito, a aplicação envia um duas vezes ou guarda um antigo.
console-why-limit = Pede vezes demais
console-why-limit-what = Guarde cada token até expirar. Se precisar mesmo de mais, aumente a taxa.
console-why-else = Um pedido foi recusado
console-why-else-what = O registo diz porquê; a página do erro, o que mudar.
console-addresses = Endereços
console-addresses-what = Para onde as pessoas podem ser enviadas depois de iniciar sessão. Correspondência exata.
console-redirect-uris = Endereços de redirecionamento
console-redirect-uris-hint = Um por linha, como https://app.example/callback. Para 127.0.0.1 serve qualquer porta.
console-goodbye-uris = Endereços depois de terminar sessão
console-one-a-line = Um por linha.
console-origins = Origens do navegador
console-origins-hint = Uma por linha. Vazio: as dos endereços de redirecionamento.
console-secrets = Segredos
console-secrets-what = Dois podem valer ao mesmo tempo, para nada falhar durante a mudança.
console-secret-active = Ativo
console-secret-over = Terminado
console-secret-ends = { $count ->
    [one] Termina numa hora
   *[other] Termina em { $count } horas
}
console-secret-change = Mudar o segredo
console-secret-change-of = Mudar o segredo de { $client }?
console-secret-changed = { $client } tem um segredo novo
console-secret-once = Isto é mostrado uma só vez. Copie-o agora para onde a aplicação o guarda.
console-secret-two = Um segredo antigo ainda vale. Termina logo se continuar; o mais recente vale conforme escolher aqui.
console-overlap = Durante quanto tempo vale ainda o segredo antigo?
console-overlap-what = Leve o segredo novo a cada servidor enquanto o antigo ainda vale.
console-overlap-hour = Uma hora
console-overlap-day = Um dia
console-overlap-week = Uma semana
console-overlap-none = Termina já: outra pessoa pode conhecê-lo
console-keep-secret = Manter o segredo
console-old-secret = Segredo antigo
console-old-secret-until = vale até
console-access = Acesso
console-access-what = Como obtém tokens e para quê.
console-grants = Concessões
console-grant-code = As pessoas iniciam sessão
console-grant-refresh = Mantém a sessão quando a pessoa não está
console-grant-machine = Age por si mesma
console-grant-device = Inicia-se sessão noutro dispositivo
console-grant-password = Recebe as palavras-passe das pessoas
console-grant-implicit = Recebe tokens pelo navegador
console-grant-exchange = Troca tokens para a próxima API
console-scopes = Âmbitos
console-scopes-hint = Separados por espaços, como openid profile email.
console-trust = Confiança
console-first-party = Uma das nossas
console-first-party-what = Não se pede consentimento
console-pkce = Exigir PKCE
console-pkce-what = Um código roubado não serve a mais ninguém
console-pkce-always = Sempre ativo em aplicações sem segredo
console-lifetimes = Duração
console-lifetimes-what = Quanto tempo valem os seus tokens. Menos é mais seguro.
console-access-lifetime = Tokens de acesso
console-refresh-lifetime = Tokens de atualização
console-seconds = Em segundos.
console-use = Usar
console-use-what = Os valores desta aplicação já estão preenchidos.
console-use-settings = Definições
console-general = Nome e descrição
console-description = Descrição
console-description-hint = Lê-se quando se pede consentimento.
console-made = Criado
console-changed = Alterado
console-save = Guardar
console-build-title = O que está a construir?
console-build-what = Escolhemos definições seguras. Pode alterá-las depois.
console-build-web = Aplicação web
console-build-web-what = Páginas feitas por um servidor. Pode guardar um segredo.
console-build-spa = Aplicação de página única
console-build-spa-what = Corre no navegador e chama API.
console-build-app = App de telemóvel ou computador
console-build-app-what = Instalada pelas pessoas.
console-build-svc = Serviço
console-build-svc-what = Chama API sozinho, sem ninguém presente.
console-build-tv = Televisão, consola ou terminal
console-build-tv-what = Não tem um bom teclado.
console-you-get = Recebe
console-gives-code = Início de sessão por código com PKCE
console-gives-secret = Um segredo que se muda sem interrupção
console-gives-refresh = Tokens de atualização que mudam a cada uso
console-gives-no-secret-browser = Sem segredo: um navegador não o guarda
console-gives-no-secret = Sem segredo
console-gives-origins = Origens do navegador (CORS) já preenchidas
console-gives-own-tokens = Tokens para o próprio serviço
console-gives-no-page = Sem página de início nem consentimento
console-gives-short-code = Um código curto para escrever no telemóvel
console-steps = Passos
console-step-kind = Tipo
console-step-name = Nome e endereços
console-step-use = Copiar os valores
console-name-hint = Lê-se ao iniciar sessão.
console-continue = Continuar
console-cancel = Cancelar
console-back = Voltar
console-make-client = Criar a aplicação
console-client-made = { $client } está pronta
console-made-what = Coloque estes valores na aplicação e experimente o primeiro início de sessão.
console-client-id = Id de cliente
console-client-secret = Segredo de cliente
console-to-client = Para as suas definições
console-count = { $count ->
    [one] 1 no total
   *[other] { $count } no total
}
console-number = { $count }
console-times = { $count ->
    [one] uma vez
   *[other] { $count } vezes
}
console-overview-of = { $tenant } hoje
console-figure-clients = Aplicações no total
console-figure-people = Pessoas no total
console-figure-failing = Aplicações com recusas, 24 h
console-failing-title = Aplicações que precisam de atenção
console-failing-none = Nenhuma aplicação foi recusada nas últimas 24 horas.
console-changes-title = Ultimamente
console-people-what = Todas as pessoas com conta em { $tenant }.
console-people-search = Pesquisar pessoas
console-people-search-hint = Nome, utilizador ou e-mail
console-people-all = Ver todos
console-people-none = Ainda ninguém
console-people-none-what = As pessoas chegam ao registar-se, por uma aplicação que cria contas ou por outro fornecedor de identidade.
console-people-no-match = Ninguém corresponde a { $text }
console-people-no-match-what = Pode pesquisar por uma parte do nome, do utilizador ou do e-mail.
console-roles = Funções
console-last-sign-in = Último início de sessão
console-person-active = Ativa
console-person-locked = Bloqueada
console-person-leaving = Vai sair
console-send-link = Enviar ligação de palavra-passe
console-lock = Bloquear
console-unlock = Desbloquear
console-done-locked = Bloqueada. Todas as sessões terminaram e os seus tokens não valem.
console-done-unlocked = Desbloqueada. Pode voltar a iniciar sessão.
console-done-reset = Uma ligação está a caminho, se houver um e-mail confirmado.
console-done-ended = A sessão terminou.
console-done-everywhere = Sessões terminadas em todo o lado. Todos os seus tokens terminaram.
console-done-factors = Os segundos fatores foram retirados. Da próxima vez basta a palavra-passe, salvo se for exigido um.
console-everywhere-of = Terminar todas as sessões de { $name }?
console-everywhere-button = Terminar todas as sessões
console-factors-of = Retirar todos os segundos fatores de { $name }?
console-factors-button = Retirá-los
console-ends-sign-ins = terminam todas as sessões, em todos os dispositivos
console-ends-their-tokens = deixa de valer todo o token que as aplicações tenham em seu nome
console-ends-pending = as ligações enviadas já não levam a lado nenhum
console-ends-factors = as aplicações de autenticação e chaves de acesso já não contam
console-ends-codes = os códigos de recuperação já não contam
console-timeline = Cronologia
console-timeline-none = O registo não tem nada sobre esta pessoa.
console-timeline-denied = Com a permissão audit:read verá o que aconteceu.
console-everything = Tudo
console-failures = Falhas
console-by = por { $name }
console-about-person = Sobre esta pessoa
console-facts = Dados
console-id = Id
console-factors = Segundos fatores
console-factors-none = Não há nenhum.
console-signed-in-on = Sessão iniciada em
console-nowhere = Em lado nenhum de momento.
console-end = Terminar
console-let-in = Aplicações permitidas
console-let-in-none = Nenhuma.
console-activity-what = Quem fez o quê, quando e de onde.
console-activity-search = Uma pessoa, aplicação ou id
console-activity-none = Nada no registo corresponde
console-activity-none-what = Procure um utilizador ou id completo. O que é mais antigo que o registo já não está.
console-outcome = Resultado
console-outcome-any = Qualquer resultado
console-outcome-success = Feito
console-outcome-attempted = Tentado
console-outcome-failure = Falhado
console-outcome-refused = Recusado
console-what = O quê
console-who = Quem
console-when = Quando
