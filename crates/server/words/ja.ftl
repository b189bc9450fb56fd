# Japanese.

## Everywhere

title = { $page } · { $tenant }
title-alone = { $page } · Writ
made-with = Writ
foot-terms = 利用規約
foot-privacy = プライバシー
foot-help = ヘルプ
optional = （任意）
back-to-sign-in = サインインに戻る
continue-to = { $client } へ進む
problem-title = うまくいきませんでした
refused-title = リクエストは拒否されました
what-to-do = 対処方法
request-id = リクエスト ID：
about-error = 開発者向け：このエラーについて
refused-remedy = アプリケーションには戻されていません。アプリケーションに移動して、もう一度お試しください。繰り返し起こる場合は、この文とリクエスト ID をアプリケーションの運営者に送ってください。
failed-remedy = しばらくすると直ります。前のページに戻り、少し待ってからもう一度お試しください。
busy = サーバーが混み合っています。少し待ってから、もう一度お試しください。
old-form = このページは長時間、または別のウィンドウで開かれていました。もう一度お試しください。
password-hint = 8 文字以上。あまり使われない単語をいくつか並べると、覚えやすく推測されにくくなります。
password-weak = このパスワードは推測されやすいものです。
password-weak-remedy = あまり使われない言葉を加えてください。
show-password = パスワードを表示
caps-lock = Caps Lock がオンです。
strength-fair = ふつう
strength-good = 良い
strength-strong = 強い
copy = コピー
copy-codes = コードをコピー
copy-key = キーをコピー
copied = コピーしました
too-long = 長すぎます。
birthdate-wrong = 年・月・日の順に入力してください（例: 1990-12-31）。
language = 言語

## What an application may

scope-openid = サインインして、あなたが誰かを知る
scope-profile = 名前とその他のプロフィールを見る
scope-email = メールアドレスを見る
scope-address = 住所を見る
scope-phone = 電話番号を見る
scope-offline-access = あなたがいない間もアクセスを保つ
scope-roles = あなたのロールを見る
scope-groups = あなたが所属するグループを見る
scope-oauth-read = クライアント、スコープ、同意、トークンを読む
scope-oauth-write = クライアント、スコープ、同意、トークンを変更する
scope-users-read = ユーザーとロールを読む
scope-users-write = ユーザーとロールを変更する
scope-sessions-read = サインインのセッションを読む
scope-sessions-write = サインインのセッションを終了する
scope-audit-read = 監査ログを読む
scope-keys-read = API キーを読む
scope-keys-write = API キーを変更する
scope-tenants-read = すべてのテナントを読む
scope-tenants-write = すべてのテナントを変更する
scope-clients-trust = 信頼するアプリケーションを決め、変更する
scope-unnamed = 説明のない項目

## Sign in

sign-in-title = サインイン
sign-in-to = { $client } へ進むため
choose-title = アカウントの選択
signed-in-as = { $name } としてサインインしています
continue-as = { $name } として続ける
or-somebody-else = または別の人としてサインイン
prove-again = 続けるには { $name } のパスワードを入力するか、別の人としてサインインしてください。
username-label = ユーザー名またはメールアドレス
password-label = パスワード
sign-in-button = サインイン
forgot = パスワードをお忘れですか？
no-account = アカウントをお持ちでない場合：
register-link = 登録
not-signed-in = ユーザー名またはパスワードが正しくないか、現在サインインできません。
not-signed-in-remedy = 両方を確かめるか、新しいパスワードを設定してください。
unverified = メールアドレスがまだ確認されていません。
unverified-remedy = お送りしたメールのリンクを開いてから、サインインしてください。
send-another-email = メールをもう一度送る
too-many-sign-ins = お使いのネットワークからのサインインの失敗が多すぎます。
wait-and-retry = 少し待ってから、もう一度お試しください。
server-busy = サーバーが混み合っています。

## Requests that are over

unknown-challenge = このサインインは終わっているか、別のブラウザーで始められました。ブラウザーが Cookie を保存しない場合もこのページになります。
unknown-challenge-remedy = 元のアプリケーションに戻り、このブラウザーでもう一度サインインしてください。
over-answered = { $client } にはすでに回答しています。各リクエストへの回答は一度だけです。
over-answered-remedy = { $client } で続けてください。入れない場合は、そこでもう一度サインインしてください。
over-late = サインインは { $minutes } 分以内に終える必要がありますが、終わりませんでした。{ $client } には何も伝えていません。
over-late-remedy = { $client } に戻り、もう一度サインインしてください。
over-ended = 同意されましたが、戻る前にサインアウトされたか、パスワード、アカウント、または同意が変更されました。{ $client } には何も伝えていません。
over-somebody-else = 同意した人と、ここでサインインしている人が違います。{ $client } には何も伝えていません。
over-somebody-else-remedy = サインアウトしてください。その後 { $client } に戻り、利用する本人としてサインインしてください。
to-client = { $client } へ
start-again = { $client } でもう一度サインインする

## Consent

consent-title = { $client } が { $tenant } のアカウントの利用を求めています
use-another-account = 別のアカウントを使う
consent-nothing = 承認だけを求めており、データは求めていません。
consent-legend = 同意すると、{ $client } は次のことができます：
always-included = 常に含まれます
nothing-ticked = 何も選ばれていません。{ $client } に許可するものを選ぶか、「拒否」を押してください。
consent-return = { $target } に戻ります。同意は{ $account }でいつでも取り消せます。
consent-return-app = このデバイス上のアプリケーションに戻ります。同意は{ $account }でいつでも取り消せます。
consent-more = その他の権限 { $count } 件
consent-added = { $tenant } が追加しました
consent-by-itself = このアプリケーションは自ら登録しました。{ $tenant } による確認は行われていません。
consent-by-document = このアプリケーションは { $host } で自らを説明しています。{ $tenant } による確認は行われていません。このアドレスを信頼できる場合にのみ続けてください。
consent-resource = あなたに代わってこのサービスを利用する
consent-no-value = アカウントにまだ登録されていません
your-account = アカウント
allow = 許可
deny = 拒否

## Devices

device-title = デバイスを接続
device-what = デバイスに表示されたコードを入力してください。
device-code-label = コード
device-button = 続ける
device-unknown = このコードで待っているものはありません。デバイスの表示と見比べてください。コードの有効期間は 10 分です。古い場合は、デバイスで新しいコードを表示してください。
device-allowed-title = デバイスで続けられます
device-allowed = このページを閉じてかまいません。数秒後にデバイスが自動的に続行します。
device-denied-title = デバイスには何も渡されません
device-denied = 拒否したことがデバイスに伝えられます。このページを閉じてかまいません。
consent-device = 目の前のデバイスにコード { $code } が表示されている場合だけ続けてください。要求元は { $place } です。このコードを誰かから受け取った場合は拒否してください。
consent-device-somewhere = 目の前のデバイスにコード { $code } が表示されている場合だけ続けてください。このコードを誰かから受け取った場合は拒否してください。
consent-return-device = デバイスは自動的に続行します。同意は{ $account }でいつでも取り消せます。

## Sign out

sign-out-title = サインアウト
sign-out-what = { $name } としてサインインしています。サインアウトすると、このブラウザーでの { $tenant } のすべてのアプリケーションで終了します。
sign-out-button = サインアウト
signed-out-title = サインアウトしました
signed-out-done = このブラウザーで { $tenant } からサインアウトしました。このサインインによるアプリケーションのアクセスは失われます。ただし、不在の間も保つことを許可したものは除きます。
signed-out-before = このブラウザーでは誰も { $tenant } にサインインしていません。サインインするには、使いたいアプリケーションに移動してください。
signed-out-on = 続ける
signed-out-shared = 共有のコンピューターでは、ブラウザーのウィンドウも閉じてください。
still-signed-in = まだサインインしています。確認のページは長時間、または別のウィンドウで開かれていました。
still-signed-in-remedy = もう一度開いて、そこでサインアウトしてください。

check-session-title = セッションの状態

## The answer in a form

form-post-title = アプリケーションに戻る
form-post-what = このブラウザーではスクリプトが動かないため、もう一つ手順があります。
continue = 続ける

## Register

register-title = 登録
register-at = { $tenant } のアカウントを作るため
register-username = メールアドレスまたはユーザー名
register-name = お名前
register-button = 登録
have-account = アカウントをお持ちの場合：
sign-in-link = サインイン
welcome-title = ようこそ
welcome-confirm = ご入力のメールアドレスにリンクを送りました。リンクでアドレスを確認してから、サインインしてください。
welcome = メールアドレスをご入力の場合は、確認用のリンクを送りました。すぐにサインインできます。

## A new password

reset-title = 新しいパスワードの設定
reset-what = { $tenant } へのサインインに使う名前を入力してください。そのアカウントのメールアドレスにリンクを送ります。
reset-signs-out = サインインしているすべての場所からサインアウトされます。
username-or-address = ユーザー名またはメールアドレス
send-link = リンクを送る
new-password-label = 新しいパスワード
set-password = パスワードを設定
reset-done-title = 新しいパスワードを設定しました
reset-done = 新しいパスワードでサインインできます。これまでサインインしていた場所からはサインアウトされました。
check-email-title = メールをご確認ください
reset-sent = その名前のアカウントとメールアドレスがあれば、リンクを送りました。リンクは一度だけ、30 分間使えます。
no-mail = このサーバーはメールを送らないため、リンクをお送りできません。運営者にお問い合わせください。代わりに手続きできます。
dead-link-title = このリンクは使えません
dead-link = すでに使われたか、期限が切れたか、不完全です。
another-link = 別のリンクを求める

## An email address

verify-title = メールアドレスの確認
verify-what = { $tenant } へのサインインに使う名前を入力してください。アドレスがまだ確認されていなければ、そこにリンクを送ります。
verify-mine = このアドレスがアカウント用に入力されました。ご自分で入力した場合だけ確認してください。
verify-button = これは自分のアドレスです
verify-done-title = メールアドレスが確認されました
verify-done = ありがとうございます。元の場所で続けるか、このページを閉じてください。
verify-sent = その名前のアカウントに未確認のメールアドレスがあれば、リンクを送りました。リンクは一度だけ、24 時間使えます。
verify-expired = このリンクは期限が切れています。同じアドレスに別のリンクを送れます。
verify-again = 別のリンクを送る
taken-title = このアドレスは使われています

## For developers

mailbox-title = メールボックス
mailbox-what = 人に宛てたメール（新しい順）。メールサーバーが設定されていないため、このコンピューターでだけここに表示されます。
mailbox-empty = ありません。
mailbox-to = { $to } 宛て
follow-link = リンクを開く
all-mail = すべてのメール
errors-title = エラー
errors-what = トークンエンドポイントと API のエラーの応答には error_uri があり、これらのページのいずれかを指します。
all-errors = すべてのエラー

## The account

skip = 本文へ移動
account-title = アカウント
sign-in-to-account = { $tenant } のアカウントへ
profile-title = プロフィール
security-title = セキュリティ
devices-title = デバイス
applications-title = アクセスできるアプリケーション
applications-short = アプリケーション
allowed-when = 許可：
activity-title = アクティビティ
back-to-account = アカウントに戻る
edit = 編集
change = 変更
save = 保存
none = なし
username-alone = ユーザー名
email-label = メール
confirmed = 確認済み
not-confirmed = 未確認
email-pending = 新しいメール
email-waits = 送ったリンクが開かれるのを待っています
member-since = 作成日
security-what = 本人であることを示す方法です。
last-sign-in = 最後の使用：{ $when }
devices-what = 現在サインインしている場所です。デバイスをサインアウトすると、アクセスは数秒で終わります。
this-device = このデバイス
by-administrator = 管理者による
unknown-device = 不明なデバイス
sign-out-device = { $device } をサインアウト
sign-out-others = ほかのすべてでサインアウト
applications-what = アカウントの利用を許可したアプリケーションです。
applications-none = まだ同意を求めたアプリケーションはありません。
remove = 取り消す
remove-application = { $client } のアクセスを取り消す
show-older = 以前のものを表示
download-data = データをダウンロード
delete-account = アカウントを削除

edit-profile-title = プロフィールの編集
for-example = 例：{ $example }
picture-hint = PNG、JPEG、WebP（1 MB まで）。正方形に切り抜かれ、プロフィールの閲覧を許可されたアプリケーションに表示されます。
picture-upload = 画像をアップロード
picture-remove = 画像を削除
picture-wrong = このファイルは画像として表示できません。1 MB までの PNG、JPEG、WebP ファイルを選んでください。
change-email-title = メールアドレスの変更
change-email-what = 現在のアドレスは { $email } です。新しいアドレスにリンクを送り、開かれると変更されます。
change-email-waits = { $email } にリンクを送りました。開かれるとアドレスが変更されます。
change-email-first = アドレスにリンクを送り、開かれるとあなたのものになります。
change-email-button = リンクを送る
forget-email = 現在のアドレスのままにする
new-email-label = 新しいメールアドレス
change-password = パスワードの変更
change-password-what = ここではサインインしたままになります。ほかの場所ではすべてサインアウトされます。
change-password-button = パスワードを変更
current-password-label = 現在のパスワード
current-password-wrong = 現在のパスワードではありません。

done-name = プロフィールを保存しました。
done-picture = 画像を保存しました。
done-picture-gone = 画像を削除しました。
done-email = 新しいアドレスにリンクを送りました。リンクを開いて変更を確認してください。
done-email-kept = アドレスはそのままです。
done-password = パスワードを変更しました。ほかの場所ではすべてサインアウトされました。
done-device = そのデバイスをサインアウトしました。
done-devices = ここ以外のすべてでサインアウトしました。
done-application = アプリケーションはもうアクセスできません。
leave-what = { $tenant } の { $name } を削除します。
leave-out = すぐにすべての場所でサインアウトされ、どのアプリケーションもこのアカウントを使えなくなります。
leave-grace = { $when } までは取りやめることができます。サインインしてアカウントを残してください。その後は完全に削除されます。
leave-now = アカウントはすぐに削除されます。元に戻すことはできません。
leave-gone = プロフィール、パスワード、サインイン、アプリケーションに与えたアクセスが削除されます。
leave-stays = アプリケーションが持っているあなたの情報はそこに残り、{ $tenant } はアカウントに起きたことの記録を保管します。先に{ $data }ことができます。
leave-data = データをダウンロードする
leave-button = アカウントを削除する
left-title = アカウントは削除されます
left-until = すべての場所でサインアウトしました。アカウントは { $when } に削除されます。それまでは誰も使えず、残すこともできます。
left-keep = サインインして残す
left-now-title = アカウントを削除しました
left-now = すべての場所でサインアウトし、このアカウントはもう使えません。
keep-title = アカウントを残しますか
keep-what = ご希望により { $name } は { $when } に削除されます。残す場合は、これまでどおりお使いいただけます。
keep-button = アカウントを残す
done-kept = アカウントは残ります。お使いのアプリケーションでは、もう一度サインインが必要です。
event-leaving = アカウントの削除を希望しました
event-kept = アカウントを残しました

activity-what = 過去 30 日間。心当たりのないものがありますか？
activity-none = 過去 30 日間には何もありません。
event-signed-in = サインイン
event-sign-in-failed = サインインに失敗
event-created = アカウントが作成されました
event-updated = アカウントが変更されました
event-roles = ロールが変更されました
event-enabled = アカウントのロックが解除されました
event-disabled = アカウントがロックされました
event-reset-requested = 新しいパスワード用のリンクが求められました
event-reset = 新しいパスワードが設定されました
event-email-verified = メールアドレスが確認されました
event-signed-out = サインアウト
event-approved = { $client } にアカウントの利用が許可されました
event-denied = { $client } は拒否されました
an-application = アプリケーション
event-withdrawn = アプリケーションのアクセスが取り消されました
event-tokens-revoked = アプリケーションのアクセスが終了しました
event-replayed = 使用済みのものが再び使われたため、アプリケーションのアクセスを終了しました

claim-given-name = 名
claim-family-name = 姓
claim-middle-name = ミドルネーム
claim-nickname = ニックネーム
claim-profile = プロフィールページ
claim-picture = 画像
claim-website = ウェブサイト
claim-gender = 性別
claim-birthdate = 生年月日
claim-zoneinfo = タイムゾーン
claim-locale = 言語
claim-address = 住所
claim-street = 番地
claim-locality = 市区町村
claim-region = 都道府県
claim-postal-code = 郵便番号
claim-country = 国
claim-phone = 電話
claim-phone-confirmed = 電話番号が確認済みかどうか
claim-email-confirmed = メールアドレスが確認済みかどうか
claim-updated = プロフィールの最終更新日時

when-now = たった今
when-minutes = { $count } 分前
when-hours = { $count } 時間前
when-date = { $year }年{ $month }{ $day }日
month-january = 1月
month-february = 2月
month-march = 3月
month-april = 4月
month-may = 5月
month-june = 6月
month-july = 7月
month-august = 8月
month-september = 9月
month-october = 10月
month-november = 11月
month-december = 12月

## Two-step sign-in

factor-title = コードの入力
factor-what = { $name } は 2 段階認証で保護されています。認証アプリに表示されているコードを入力してください。
factor-code-label = アプリのコード
factor-button = 続ける
factor-use-recovery = 代わりにリカバリーコードを使う
factor-use-app = 代わりにアプリを使う
factor-wrong = コードが正しくありません。
factor-wrong-remedy = コードは 1 回だけ、約 30 秒間有効です。今アプリに表示されているコードを入力してください。
recovery-what = { $name } 用に保管しているリカバリーコードを 1 つ入力してください。それぞれ 1 回だけ使えます。
recovery-code-label = リカバリーコード
recovery-wrong = リカバリーコードが正しくありません。
recovery-wrong-remedy = 入力内容を確認してください。一度使ったコードは使えません。
too-many-codes = 誤ったコードの入力が多すぎます。
authenticator-title = 認証アプリの設定
authenticator-required = { $tenant } では、サインイン時にアプリのコードによる 2 段階目の確認が必要です。今すぐ設定してください。
authenticator-what = サインイン時に、パスワードの後でアプリのコードを入力します。
authenticator-scan = スマートフォンで認証アプリを開き、この画像を読み取ってください。
authenticator-picture = 認証アプリのカメラで読み取る画像
authenticator-open = このデバイスのアプリで開く
authenticator-key = または、次のキーをアプリに入力します：
authenticator-code-hint = キーを登録すると、アプリに 6 桁の数字が表示されます。
authenticator-button = 有効にする
authenticator-name = 認証アプリ
authenticator-name-label = このアプリの名前
codes-title = リカバリーコードの保管
codes-what = スマートフォンをなくしたときは、アプリの代わりにこれらのコードの 1 つでサインインできます。印刷するか、書き留めてください。
codes-once = それぞれ 1 回だけ使えます。表示されるのは今だけです。
codes-kept = 保管しました
two-step = 2 段階認証
two-step-off = オフ：パスワードだけでサインインできます。
two-step-on = オン: パスワードのあとに、アプリかパスキーも使います。
two-step-add = アプリを追加
factor-set-up = 設定：{ $when }
factor-used = 最終使用：{ $when }
factor-remove = { $factor } を削除
factor-remove-title = このアプリを削除しますか？
factor-remove-what = { $factor } のコードではサインインできなくなります。唯一のアプリの場合は、リカバリーコードも無効になります。
recovery-codes = リカバリーコード
recovery-codes-left = { $count ->
   *[other] 残り { $count } 個
}
codes-renew = 新しいコードを作成
codes-renew-title = 新しいリカバリーコードを作成しますか？
codes-renew-what = 現在のコードは使えなくなります。
done-factor-added = アプリを設定しました。
done-factor-removed = アプリを削除しました。
event-password-accepted = 正しいパスワードが入力され、コードを求めました
event-factor-added = 認証アプリまたはパスキーが設定されました
event-factor-removed = 認証アプリまたはパスキーが削除されました
event-codes = 新しいリカバリーコードが作成されました

## Letters

mail-button-fails = ボタンが動かない場合は、このアドレスを開いてください：
mail-reset-subject = { $tenant } の新しいパスワードの設定
mail-reset-asked = { $tenant } のアカウントの新しいパスワードが求められました。
mail-reset-what = このリンクから設定のページを開けます。一度だけ、30 分以内に使えます。
mail-reset-link = 新しいパスワードを設定
mail-reset-ignore = 心当たりがない場合は、このメールを無視してください。パスワードはそのままです。
mail-verify-subject = { $tenant } のメールアドレスの確認
mail-verify-given = このアドレスが { $tenant } のアカウント用に入力されました。
mail-verify-what = このリンクで、ご自分のアドレスであることを確認してください。一度だけ、24 時間以内に使えます。
mail-verify-link = このアドレスを確認
mail-verify-ignore = 心当たりがない場合は、このメールを無視してください。
mail-password-subject = { $tenant } のパスワードが変更されました
mail-password-what = { $tenant } のアカウントのパスワードが変更され、すべての場所でサインアウトされました。
mail-password-not-you = 心当たりがない場合は、すぐに新しいパスワードを設定し、サービスの運営者に知らせてください。
mail-changing-subject = { $tenant } のアカウントの別のメールアドレス
mail-changing-what = { $tenant } のアカウントに別のメールアドレスが入力されました。確認されるまでは、このアドレスのままです。
mail-changing-not-you = 心当たりがない場合は、すぐに新しいパスワードを設定し（別のアドレスも取り消されます）、サービスの運営者に知らせてください。
mail-changed-subject = { $tenant } のメールアドレスが変更されました
mail-changed-what = { $tenant } のアカウントのメールアドレスが変わりました。今後のメールは新しいアドレスに届きます。
mail-changed-not-you = 心当たりがない場合は、すぐにサービスの運営者に知らせてください。
mail-leaving-subject = { $tenant } のアカウントは削除されます
mail-leaving-what = アカウントの削除が希望されました。{ $when } に削除されます。それまでは誰も使えません。
mail-leaving-keep = 残すには、それまでにサインインしてください。
mail-leaving-not-you = 心当たりがない場合は、サインインしてアカウントを残し、新しいパスワードを設定してください。
mail-kept-subject = { $tenant } のアカウントは残されました
mail-kept-what = 削除される予定だったアカウントを、管理者が残しました。サインインして、これまでどおりご利用いただけます。
mail-kept-again = それでも削除を希望される場合は、アカウントのページでもう一度削除してください。
mail-left-subject = { $tenant } のアカウントを削除しました
mail-left-what = ご希望によりアカウントを削除しました。元に戻すことはできません。
mail-left-after = このアカウントについての最後のメールです。
mail-registered-subject = { $tenant } のアカウントがあります
mail-registered-what = すでにお使いの名前で { $tenant } への登録が試みられました。
mail-registered-reset = ご自分でパスワードをお忘れの場合は、ここで新しく設定できます。
mail-registered-ignore = 心当たりがない場合は、このメールを無視してください。何も変更されていません。
mail-factor-added-subject = { $tenant } に認証アプリが設定されました
mail-factor-added-what = { $tenant } のアカウントへのサインインには、認証アプリのコードも必要になりました。
mail-factor-removed-subject = { $tenant } から認証アプリが削除されました
mail-factor-removed-what = { $tenant } のアカウントから認証アプリが削除されました。そのコードではサインインできなくなりました。
mail-codes-subject = { $tenant } の新しいリカバリーコード
mail-codes-what = { $tenant } のアカウントの新しいリカバリーコードが作成されました。以前のコードは使えません。
mail-code-used-subject = { $tenant } でリカバリーコードが使われました
mail-code-used-what = { $tenant } のアカウントに、リカバリーコードを使ったサインインがありました。残りのコード：{ $left }
mail-factor-not-you = 心当たりがない場合は、すぐに新しいパスワードを設定し、サービスの運営者に連絡してください。

# ほかの ID プロバイダー
continue-with = { $provider }で続ける
or = または
upstream-denied = { $provider }でサインインしませんでした。
upstream-denied-remedy = もう一度お試しになるか、別の方法をお選びください。
upstream-failed = { $provider }でのサインインができませんでした。
upstream-failed-remedy = { $provider }から正しい応答がありません。しばらくしてからもう一度お試しになるか、別の方法をお選びください。
upstream-taken = このメールアドレスのアカウントはすでにあります。
upstream-taken-remedy = パスワードでサインインしてください。その後、アカウントのページで{ $provider }を連携できます。
upstream-none = { $provider }のあなたのアカウントは、ここにはありません。
upstream-none-remedy = このサービスの運営者にお問い合わせください。
upstream-address = { $provider }から確認済みのメールアドレスを受け取れませんでした。
upstream-address-remedy = そちらでアドレスを確認してから、もう一度お試しください。
upstream-account-remedy = { $provider }には問題ありません。このサービスの運営者にお問い合わせください。
upstream-unknown = このサインインはここで始まったものではありません。
upstream-unknown-remedy = 時間がかかりすぎたか、別のブラウザーで始まりました。元のページに戻って、もう一度お試しください。
connection-add = { $provider }を連携
connection-add-title = 別のアカウントを連携
connection-add-what = { $provider }でサインインできるようになります。まずご本人であることを確認し、次に{ $provider }でサインインしてください。
connection-go = 続ける
connection-remove = { $provider }との連携を解除
connection-remove-title = この連携を解除しますか？
connection-remove-what = { $provider }ではサインインできなくなります。
connection-sign-in = サインインの方法（{ $provider }）を変えるには、まずもう一度サインインして、ご本人であることを確認してください。
connection-last = { $provider }は唯一のサインイン方法です。先にパスワードを設定してください。
connection-elsewhere = { $provider }のこのアカウントは、ここで別のアカウントと連携されています。
connection-already = { $provider }のアカウントはすでに連携されています。先にそれを解除してください。
done-connected = アカウントを連携しました。
done-connection-removed = 連携を解除しました。
mail-linked-subject = { $left }があなたのアカウントに連携されました
mail-linked-what = { $tenant }のあなたのアカウントに{ $left }でサインインできるようになりました。
mail-unlinked-subject = { $left }との連携が解除されました
mail-unlinked-what = { $tenant }のあなたのアカウントに{ $left }ではサインインできなくなりました。
mail-linked-not-you = 心当たりがない場合は、パスワードを変更し、アカウントのページでサインインの方法を確認してください。
## Passkeys

passkey-sign-in = パスキーでサインイン
passkey-use = パスキーを使う
passkey-instead-of-password = パスワードの代わりにパスキーを使う
passkey-make = パスキーを作成
or-passkey = または、パスキーを作成
passkey-failed = パスキーは使われませんでした。もう一度試すか、別の方法でサインインしてください。
passkey-not-made = パスキーは作成されませんでした。もう一度試すか、別の端末を使ってください。
passkey-without = パスキーに対応し、スクリプトを実行できるブラウザーが必要です。
passkey-refused = このパスキーは受け付けられませんでした。
passkey-refused-remedy = もう一度試すか、別の方法でサインインしてください。
passkey-title = パスキーを使ってください
passkey-what = { $name } は 2 段階で保護されています。ご本人であることをパスキーで確認してください。
passkey-called = { $name }（{ $tenant }）
passkey-name = パスキー
passkey-name-label = このパスキーの呼び名
passkey-new-title = パスキーの作成
passkey-new-what = パスキーがあれば、指紋や顔、端末の PIN を使って、パスワードなしでサインインできます。
passkey-first-what = パスキーがあれば、指紋や顔、端末の PIN を使って、パスワードなしでサインインできます。パスワードでサインインするときは、パスキーか、このあと表示される回復コードも求められるようになります。
passkey-remove-title = このパスキーを削除しますか？
passkey-remove-what = { $factor } ではサインインできなくなります。端末からも削除してください。ほかにパスキーもアプリもない場合は、回復コードも使えなくなります。
passkeys-title = パスキー
passkeys-what = パスワードなしで、端末を使ってサインインします。
password-too-title = パスワードも入力してください
password-too-what = パスキーではご本人の確認が行われませんでした。続けるには { $name } のパスワードを入力してください。
factor-use-passkey = 代わりにパスキーを使う
done-passkey-added = パスキーを作成しました。
done-passkey-removed = パスキーを削除しました。
event-passkey-copied = パスキーが拒否されました。複製がある可能性があります
mail-passkey-added-subject = { $tenant } のパスキーが作成されました
mail-passkey-added-what = { $tenant } のアカウントにパスキーが作成されました。パスワードなしでサインインできます。パスワードを入力した人には、このパスキーも求められます。
mail-passkey-removed-subject = { $tenant } からパスキーが削除されました
mail-passkey-removed-what = { $tenant } のアカウントからパスキーが削除されました。このパスキーではもうサインインできません。
mail-factors-removed-subject = { $tenant } の 2 段階サインインがリセットされました
mail-factors-removed-what = 管理者が { $tenant } のアカウントから、すべてのパスキー、認証アプリ、回復コードを削除しました。
mail-passkey-copied-subject = { $tenant } でパスキーが拒否されました
mail-passkey-copied-what = パスキー { $factor } の使用回数が、記録より少なくなっています。複製を持つ人がいる可能性があるため、拒否しました。
mail-passkey-copied-do = アカウントのページでこのパスキーを削除し、新しく作成してください。たった今使った覚えがない場合は、パスワードも変更してください。

## Signing in by mail

mailed-way = サインイン用リンクをメールで受け取る
mailed-title = メールでサインイン
mailed-what = { $tenant } へのサインインに使う名前かメールアドレスを入力してください。リンクとコードを送ります。
mailed-button = メールを送る
mailed-sent = その名前と確認済みのメールアドレスを持つアカウントがあれば、リンクとコードを送りました。10 分間、このブラウザーで 1 回だけ使えます。
mailed-code-label = メールに書かれたコード
mailed-again = もう一度メールを送る
mailed-confirm = { $tenant } に { $name } としてサインインしますか？
mailed-elsewhere-title = 始めたブラウザーではありません
mailed-elsewhere = リンクは、それを求めたブラウザーでだけ使えます。そのブラウザーで開くか、そこで開いているページにメールのコードを入力してください。
mailed-wrong = このリンクまたはコードは使えません。
mailed-wrong-remedy = どちらも 10 分間、1 回だけ使えます。入力を確かめるか、もう一度メールを送ってください。
mailed-second-title = ご本人であることを確認してください
mailed-second-what = { $tenant } では 2 つ目の確認が必要です。{ $email } にコードを送ることができます。
mailed-second-send = コードをメールで受け取る
mailed-second-sent = { $email } にコードを送りました。10 分間、1 回だけ使えます。
mailed-second-again = 別のコードを送る
mailed-second-app = 代わりにアプリまたはパスキーを設定する
mailed-second-many = すでに何通かメールを送りました。数分待ってから、もう一度お試しください。
event-sign-in-mail = サインイン用のメールが求められました
event-mail-accepted = メールのリンクまたはコードがサインインに使われました
mail-sign-in-subject = { $tenant } へのサインイン
mail-sign-in-asked = おそらくご本人が、このメールで { $tenant } にサインインしようとしています。
mail-sign-in-what = 求めたブラウザーでボタンを押すか、そこにこのコードを入力してください。10 分間、1 回だけ使えます。
mail-sign-in-link = サインイン
mail-sign-in-ignore = 心当たりがなければ、このメールは無視してください。コードは誰にも教えないでください。尋ねる人は、あなたのアカウントに入ろうとしています。
mail-code-subject = { $tenant } のコード
mail-code-what = おそらくご本人が { $tenant } にサインインしていて、このコードを求められています。10 分間、1 回だけ使えます。
mail-code-ignore = 心当たりがなければ、コードは誰にも教えず、新しいパスワードを設定してください。誰かがあなたのパスワードを知っています。
