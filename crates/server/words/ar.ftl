# Arabic.

## Everywhere

title = { $page } · { $tenant }
title-alone = { $page } · Writ
made-with = Writ
foot-terms = الشروط
foot-privacy = الخصوصية
foot-help = المساعدة
optional = (اختياري)
back-to-sign-in = العودة إلى تسجيل الدخول
continue-to = المتابعة إلى { $client }
problem-title = لم ينجح ذلك
refused-title = رُفض الطلب
what-to-do = ما يمكنك فعله
request-id = معرّف الطلب:
about-error = للمطورين: عن هذا الخطأ
refused-remedy = لم تُعَد إلى التطبيق. انتقل إليه وحاول مرة أخرى. إذا تكرر ذلك فأرسل هذا النص ومعرّف الطلب إلى المسؤولين عن التطبيق.
failed-remedy = سيزول هذا من تلقاء نفسه. عُد إلى الخلف وحاول مرة أخرى بعد قليل.
busy = الخادم مشغول. انتظر قليلًا ثم حاول مرة أخرى.
old-form = بقيت هذه الصفحة مفتوحة مدة طويلة أو في نافذة أخرى. حاول مرة أخرى.
password-hint = 8 أحرف أو أكثر. بضع كلمات غير شائعة يسهل تذكرها ويصعب تخمينها.
password-weak = كلمة المرور هذه سهلة التخمين.
password-weak-remedy = أضف بضع كلمات أقل شيوعًا.
show-password = إظهار كلمة المرور
caps-lock = مفتاح Caps Lock مفعّل.
strength-fair = مقبولة
strength-good = جيدة
strength-strong = قوية
copy = نسخ
copy-codes = نسخ الرموز
copy-key = نسخ المفتاح
copied = تم النسخ
too-long = هذا طويل جدًا.
birthdate-wrong = اكتبه على شكل سنة وشهر ويوم، مثل 1990-12-31.
language = اللغة

## What an application may

scope-openid = تسجيل دخولك ومعرفة من أنت
scope-profile = الاطلاع على اسمك وبقية ملفك الشخصي
scope-email = الاطلاع على عنوان بريدك الإلكتروني
scope-address = الاطلاع على عنوانك البريدي
scope-phone = الاطلاع على رقم هاتفك
scope-offline-access = الاحتفاظ بالوصول أثناء غيابك
scope-roles = الاطلاع على أدوارك
scope-groups = الاطلاع على المجموعات التي تنتمي إليها
scope-oauth-read = قراءة العملاء والنطاقات والموافقات والرموز
scope-oauth-write = تغيير العملاء والنطاقات والموافقات والرموز
scope-users-read = قراءة المستخدمين والأدوار
scope-users-write = تغيير المستخدمين والأدوار
scope-sessions-read = قراءة جلسات الدخول
scope-sessions-write = إنهاء جلسات الدخول
scope-audit-read = قراءة سجل التدقيق
scope-keys-read = قراءة مفاتيح API
scope-keys-write = تغيير مفاتيح API
scope-tenants-read = قراءة كل المستأجرين
scope-tenants-write = تغيير كل المستأجرين
scope-clients-trust = تحديد التطبيقات الموثوقة وتغييرها
scope-unnamed = شيء لم يصفه التطبيق

## Sign in

sign-in-title = تسجيل الدخول
sign-in-to = للمتابعة إلى { $client }
choose-title = اختيار حساب
signed-in-as = دخلت باسم { $name }
continue-as = المتابعة باسم { $name }
or-somebody-else = أو الدخول بحساب آخر
prove-again = أدخل كلمة مرور { $name } للمتابعة، أو ادخل بحساب آخر.
username-label = اسم المستخدم أو البريد الإلكتروني
password-label = كلمة المرور
sign-in-button = تسجيل الدخول
forgot = نسيت كلمة المرور؟
no-account = ليس لديك حساب بعد؟
register-link = إنشاء حساب
not-signed-in = اسم المستخدم أو كلمة المرور غير صحيح، أو لا يمكنك الدخول حاليًا.
not-signed-in-remedy = تحقق من كليهما، أو عيّن كلمة مرور جديدة.
unverified = لم يؤكَّد عنوان بريدك الإلكتروني بعد.
unverified-remedy = افتح الرابط في الرسالة التي أرسلناها إليك، ثم سجّل الدخول.
send-another-email = إرسال رسالة أخرى
too-many-sign-ins = كثرت محاولات الدخول الفاشلة من شبكتك.
wait-and-retry = انتظر قليلًا ثم حاول مرة أخرى.
server-busy = الخادم مشغول.

## Requests that are over

unknown-challenge = انتهى تسجيل الدخول هذا، أو بدأ في متصفح آخر. ويظهر هذا أيضًا إذا كان المتصفح لا يحتفظ بملفات تعريف الارتباط.
unknown-challenge-remedy = عُد إلى التطبيق الذي جئت منه وسجّل الدخول مرة أخرى في هذا المتصفح.
over-answered = لقد أجبت { $client } من قبل، ويُجاب عن كل طلب مرة واحدة.
over-answered-remedy = تابع في { $client }. إذا لم يسمح لك بالدخول فسجّل الدخول هناك مرة أخرى.
over-late = يجب إتمام تسجيل الدخول خلال { $minutes } دقائق، ولم يتم ذلك. لم يُخبَر { $client } بشيء.
over-late-remedy = عُد إلى { $client } وسجّل الدخول مرة أخرى.
over-ended = لقد وافقت، لكن قبل عودتك سُجّل خروجك أو تغيرت كلمة مرورك أو حسابك أو الموافقة. لم يُخبَر { $client } بشيء.
over-somebody-else = الشخص الذي وافق ليس هو من سجّل الدخول هنا. لم يُخبَر { $client } بشيء.
over-somebody-else-remedy = سجّل الخروج، ثم عُد إلى { $client } وادخل بحساب الشخص الذي ينبغي أن يستخدمه.
to-client = إلى { $client }
start-again = تسجيل الدخول من جديد في { $client }

## Consent

consent-title = يريد { $client } استخدام حسابك في { $tenant }
use-another-account = استخدام حساب آخر
consent-nothing = يطلب موافقتك فقط، ولا يطلب أي بيانات.
consent-legend = إذا وافقت فسيمكن لـ { $client }:
always-included = مشمول دائمًا
nothing-ticked = لم يُحدَّد شيء. حدّد ما يمكن لـ { $client } الحصول عليه، أو اضغط «رفض».
consent-return = ستعود إلى { $target }. يمكنك سحب موافقتك في أي وقت من { $account }.
consent-return-app = ستعود إلى تطبيق على هذا الجهاز. يمكنك سحب موافقتك في أي وقت من { $account }.
consent-more = { $count ->
    [one] إذن واحد آخر
    [two] إذنان آخران
    [few] { $count } أذونات أخرى
    [many] { $count } إذنًا آخر
   *[other] { $count } إذن آخر
}
consent-added = أضافه { $tenant }
consent-by-itself = سجّل هذا التطبيق نفسه بنفسه، ولم يتحقق منه أحد في { $tenant }.
consent-by-document = يصف هذا التطبيق نفسه على العنوان { $host }، ولم يتحقق منه أحد في { $tenant }. تابع فقط إذا كنت تثق بهذا العنوان.
consent-agent = { $client } وكيل: يتصرف باسمك من تلقاء نفسه، حتى في غيابك، حتى { $when }.
consent-resource = استخدام هذه الخدمة باسمك
consent-no-value = غير مذكور في حسابك بعد
your-account = حسابك
allow = السماح
deny = رفض

## Devices

device-title = توصيل جهاز
device-what = اكتب الرمز الذي يعرضه جهازك.
device-code-label = الرمز
device-button = متابعة
device-unknown = لا شيء ينتظر تحت هذا الرمز. قارنه بما يعرضه جهازك. يبقى الرمز صالحًا عشر دقائق؛ فإن كان رمزك أقدم فاجعل الجهاز يعرض رمزًا آخر.
device-allowed-title = يمكن لجهازك المتابعة
device-allowed = يمكنك إغلاق هذه الصفحة. سيتابع جهازك تلقائيًا خلال ثوانٍ.
device-denied-title = لن يحصل جهازك على شيء
device-denied = لقد رفضت، وسيُبلَّغ جهازك بذلك. يمكنك إغلاق هذه الصفحة.
consent-device = تابع فقط إذا كان جهاز أمامك يعرض الرمز { $code }. جاء الطلب من { $place }. إذا أرسل إليك أحد هذا الرمز فاضغط رفض.
consent-device-somewhere = تابع فقط إذا كان جهاز أمامك يعرض الرمز { $code }. إذا أرسل إليك أحد هذا الرمز فاضغط رفض.
consent-return-device = يتابع جهازك تلقائيًا. يمكنك سحب موافقتك في أي وقت من { $account }.

## Sign out

sign-out-title = تسجيل الخروج
sign-out-what = دخلت باسم { $name }. يُنهي الخروج ذلك لكل تطبيقات { $tenant } في هذا المتصفح.
sign-out-button = تسجيل الخروج
signed-out-title = تم تسجيل الخروج
signed-out-done = خرجت من { $tenant } في هذا المتصفح. تفقد التطبيقات الوصول الذي كان لها بهذا الدخول، إلا ما سمحت له بالاحتفاظ به أثناء غيابك.
signed-out-before = لم يسجّل أحد الدخول إلى { $tenant } في هذا المتصفح. للدخول، انتقل إلى التطبيق الذي تريد استخدامه.
signed-out-on = المتابعة
signed-out-shared = إذا كان الحاسوب مشتركًا فأغلق نافذة المتصفح أيضًا.
still-signed-in = ما زلت مسجّل الدخول. بقيت صفحة السؤال مفتوحة مدة طويلة أو في نافذة أخرى.
still-signed-in-remedy = افتحها مرة أخرى وسجّل الخروج منها.

check-session-title = حالة الجلسة

## The answer in a form

form-post-title = العودة إلى التطبيق
form-post-what = بقيت خطوة واحدة، لأن متصفحك لا يشغّل البرامج النصية هنا.
continue = المتابعة

## Register

register-title = إنشاء حساب
register-at = للحصول على حساب في { $tenant }
register-username = عنوان البريد الإلكتروني أو اسم المستخدم
register-name = اسمك
register-button = إنشاء الحساب
have-account = لديك حساب؟
sign-in-link = تسجيل الدخول
welcome-title = أهلًا بك
welcome-confirm = أرسلنا رابطًا إلى عنوان البريد الإلكتروني الذي أدخلته. أكّد العنوان به، ثم سجّل الدخول.
welcome = إذا أدخلت عنوان بريد إلكتروني فقد أرسلنا رابطًا لتأكيده. يمكنك تسجيل الدخول الآن.

## A new password

reset-title = تعيين كلمة مرور جديدة
reset-what = أدخل الاسم الذي تدخل به إلى { $tenant }. سنرسل رابطًا إلى عنوان البريد الإلكتروني لذلك الحساب.
reset-signs-out = سيُسجَّل خروجك من كل مكان دخلت منه.
username-or-address = اسم المستخدم أو عنوان البريد الإلكتروني
send-link = إرسال الرابط
new-password-label = كلمة المرور الجديدة
set-password = تعيين كلمة المرور
reset-done-title = تم تعيين كلمة مرورك الجديدة
reset-done = يمكنك الدخول بها الآن. سُجّل خروجك من كل مكان كنت قد دخلت منه.
check-email-title = تفقّد بريدك الإلكتروني
reset-sent = إذا كان هناك حساب بهذا الاسم وله عنوان بريد إلكتروني فقد أرسلنا إليه رابطًا. يعمل مرة واحدة خلال 30 دقيقة.
no-mail = هذا الخادم لا يرسل بريدًا، فلا يمكنه إرسال رابط إليك. اسأل المسؤولين عنه: يمكنهم القيام بذلك عنك.
dead-link-title = لم يعد هذا الرابط يعمل
dead-link = لقد استُخدم من قبل، أو انتهت صلاحيته، أو أنه غير مكتمل.
another-link = طلب رابط آخر

## An email address

verify-title = تأكيد عنوان بريدك الإلكتروني
verify-what = أدخل الاسم الذي تدخل به إلى { $tenant }. سنرسل رابطًا إلى عنوان البريد الإلكتروني لذلك الحساب إن لم يكن مؤكَّدًا بعد.
verify-mine = أدخل شخص ما هذا العنوان لحساب. لا تؤكده إلا إذا كنت أنت.
verify-button = هذا العنوان لي
verify-done-title = تم تأكيد عنوان بريدك الإلكتروني
verify-done = شكرًا لك. يمكنك المتابعة من حيث كنت، أو إغلاق هذه الصفحة.
verify-sent = إذا كان هناك حساب بهذا الاسم وله عنوان بريد إلكتروني غير مؤكَّد فقد أرسلنا إليه رابطًا. يعمل مرة واحدة خلال 24 ساعة.
verify-expired = انتهت صلاحية هذا الرابط. يمكننا إرسال رابط آخر إلى العنوان نفسه.
verify-again = إرسال رابط آخر
taken-title = هذا العنوان مستخدم

## For developers

mailbox-title = صندوق البريد
mailbox-what = رسائل إلى الأشخاص، الأحدث أولًا. لم يُضبط خادم بريد، لذلك تُعرض هنا على هذا الجهاز فقط.
mailbox-empty = لا توجد رسائل.
mailbox-to = إلى { $to }
follow-link = فتح الرابط
all-mail = كل الرسائل
errors-title = الأخطاء
errors-what = تحمل إجابات الخطأ من نقطة الرموز ومن واجهات API ‏error_uri يقود إلى إحدى هذه الصفحات.
all-errors = كل الأخطاء

## The account

skip = الانتقال إلى المحتوى
account-title = حسابك
sign-in-to-account = إلى حسابك في { $tenant }
profile-title = الملف الشخصي
security-title = الأمان
devices-title = الأجهزة
applications-title = التطبيقات التي لها وصول
applications-short = التطبيقات
allowed-when = سُمح له
agent-until = وكيل: يمكنه التصرف باسمك حتى { $when }
agent-over = وكيل: انتهت مدته
activity-title = النشاط
back-to-account = العودة إلى حسابك
edit = تعديل
change = تغيير
save = حفظ
none = لا يوجد
username-alone = اسم المستخدم
email-label = البريد الإلكتروني
confirmed = مؤكَّد
not-confirmed = غير مؤكَّد
email-pending = البريد الإلكتروني الجديد
email-waits = بانتظار أن تفتح الرابط الذي أرسلناه إليه
member-since = الحساب منذ
security-what = كيف تثبت أنك أنت.
last-sign-in = آخر استخدام: { $when }
devices-what = الأماكن التي دخلت منها الآن. عند إخراج جهاز ينتهي وصوله خلال ثوانٍ.
this-device = هذا الجهاز
by-administrator = بواسطة مسؤول
unknown-device = جهاز غير معروف
sign-out-device = إخراج { $device }
sign-out-others = الخروج من كل مكان آخر
applications-what = سمحتَ لهذه التطبيقات باستخدام حسابك.
applications-none = لم يطلب أي تطبيق موافقتك بعد.
remove = إزالة
remove-application = إزالة وصول { $client }
show-older = عرض الأقدم
download-data = تنزيل بياناتك
delete-account = حذف حسابك

edit-profile-title = تعديل ملفك الشخصي
for-example = مثال: { $example }
picture-hint = PNG أو JPEG أو WebP، بحد أقصى 1 MB. تُقَص الصورة على شكل مربع، وتعرضها التطبيقات المسموح لها برؤية ملفك الشخصي.
picture-upload = رفع الصورة
picture-remove = إزالة الصورة
picture-wrong = لا يمكننا عرض هذا الملف كصورة. اختر ملف PNG أو JPEG أو WebP بحد أقصى 1 MB.
change-email-title = تغيير عنوان بريدك الإلكتروني
change-email-what = عنوانك هو { $email }. نرسل رابطًا إلى العنوان الجديد، ويصبح عنوانك عند فتح الرابط.
change-email-waits = أرسلنا رابطًا إلى { $email }. يصبح عنوانك عند فتح الرابط.
change-email-first = نرسل رابطًا إلى العنوان، ويصبح عنوانك عند فتح الرابط.
change-email-button = إرسال الرابط
forget-email = الإبقاء على العنوان الحالي
new-email-label = عنوان البريد الإلكتروني الجديد
change-password = تغيير كلمة المرور
change-password-what = تبقى مسجّل الدخول هنا، ويُسجَّل خروجك من كل مكان آخر.
change-password-button = تغيير كلمة المرور
current-password-label = كلمة مرورك الحالية
current-password-wrong = ليست هذه كلمة مرورك الحالية.

done-name = حُفظ ملفك الشخصي.
done-picture = حُفظت صورتك.
done-picture-gone = أُزيلت صورتك.
done-email = أرسلنا رابطًا إلى عنوانك الجديد. افتحه هناك لتأكيد التغيير.
done-email-kept = بقي عنوانك كما هو.
done-password = تغيرت كلمة مرورك. سُجّل خروجك من كل مكان آخر.
done-device = سُجّل خروج ذلك الجهاز.
done-devices = سُجّل خروجك من كل مكان إلا هنا.
done-application = لم يعد للتطبيق وصول.
leave-what = بهذا يُحذف { $name } لدى { $tenant }.
leave-out = يُسجَّل خروجك من كل مكان فورًا، ولا يستطيع أي تطبيق استخدام حسابك بعد ذلك.
leave-grace = يمكنك العدول عن ذلك حتى { $when }: سجّل الدخول واحتفظ بحسابك. بعد ذلك يُحذف نهائيًا.
leave-now = يُحذف الحساب فورًا، ولا يمكن استعادته.
leave-gone = يُحذف ملفك الشخصي وكلمة مرورك وجلساتك وما منحته للتطبيقات من وصول.
leave-stays = ما تعرفه التطبيقات عنك يبقى لديها، ويحتفظ { $tenant } بسجل لما حدث للحساب. يمكنك قبل ذلك { $data }.
leave-data = تنزيل بياناتك
leave-button = حذف حسابي
left-title = سيُحذف حسابك
left-until = سُجّل خروجك من كل مكان. يُحذف الحساب في { $when }. حتى ذلك الحين لا يستطيع أحد استخدامه، ولا يزال بإمكانك الاحتفاظ به.
left-keep = تسجيل الدخول والاحتفاظ به
left-now-title = حُذف حسابك
left-now = سُجّل خروجك من كل مكان، ولم يعد بالإمكان استخدام شيء من الحساب.
keep-title = هل تحتفظ بحسابك؟
keep-what = سيُحذف { $name } في { $when } كما طلبت. إن احتفظت به فهو لك كما كان.
keep-button = الاحتفاظ بحسابي
done-kept = بقي حسابك. ستطلب منك التطبيقات التي تستخدمها تسجيل الدخول من جديد.
event-leaving = طلبت حذف حسابك
event-kept = احتفظت بحسابك

activity-what = آخر 30 يومًا. هل هناك ما لا تعرفه؟
activity-none = لم يحدث شيء في آخر 30 يومًا.
event-signed-in = تسجيل دخول
event-sign-in-failed = فشل تسجيل دخول
event-created = أُنشئ الحساب
event-updated = تغيّر الحساب
event-roles = تغيرت أدوارك
event-enabled = فُتح الحساب
event-disabled = أُقفل الحساب
event-reset-requested = طلب شخص ما رابطًا لكلمة مرور جديدة
event-reset = عُيّنت كلمة مرور جديدة
event-email-verified = تأكد عنوان بريدك الإلكتروني
event-signed-out = تسجيل خروج
event-approved = سُمح لـ { $client } باستخدام الحساب
event-denied = رُفض { $client }
an-application = تطبيق
event-withdrawn = أُزيل وصول تطبيق
event-tokens-revoked = أُنهي وصول تطبيقات
event-replayed = استخدم شخص ما شيئًا استُخدم من قبل، لذلك أُنهي وصول تطبيق

claim-given-name = الاسم الأول
claim-family-name = اسم العائلة
claim-middle-name = الاسم الأوسط
claim-nickname = اللقب
claim-profile = صفحة الملف الشخصي
claim-picture = الصورة
claim-website = الموقع
claim-gender = الجنس
claim-birthdate = تاريخ الميلاد
claim-zoneinfo = المنطقة الزمنية
claim-locale = اللغة
claim-address = العنوان
claim-street = الشارع
claim-locality = المدينة
claim-region = المنطقة
claim-postal-code = الرمز البريدي
claim-country = البلد
claim-phone = الهاتف
claim-phone-confirmed = هل تم تأكيد رقم هاتفك
claim-email-confirmed = هل تم تأكيد عنوان بريدك الإلكتروني
claim-updated = متى تغيّر ملفك الشخصي آخر مرة

when-now = الآن
when-minutes = { $count ->
    [one] قبل دقيقة
    [two] قبل دقيقتين
    [few] قبل { $count } دقائق
   *[other] قبل { $count } دقيقة
}
when-hours = { $count ->
    [one] قبل ساعة
    [two] قبل ساعتين
    [few] قبل { $count } ساعات
   *[other] قبل { $count } ساعة
}
when-date = { $day } { $month } { $year }
month-january = يناير
month-february = فبراير
month-march = مارس
month-april = أبريل
month-may = مايو
month-june = يونيو
month-july = يوليو
month-august = أغسطس
month-september = سبتمبر
month-october = أكتوبر
month-november = نوفمبر
month-december = ديسمبر

## Two-step sign-in

factor-title = أدخل الرمز
factor-what = الحساب { $name } محمي بخطوة ثانية. اكتب الرمز الذي يعرضه تطبيق المصادقة.
factor-code-label = الرمز من التطبيق
factor-button = متابعة
factor-use-recovery = استخدم رمز استرداد بدلًا من ذلك
factor-use-app = استخدم التطبيق بدلًا من ذلك
factor-wrong = هذا الرمز غير صحيح.
factor-wrong-remedy = يعمل كل رمز مرة واحدة ولمدة نصف دقيقة تقريبًا. اكتب الرمز الذي يعرضه التطبيق الآن.
recovery-what = اكتب أحد رموز الاسترداد التي احتفظت بها للحساب { $name }. يعمل كل رمز مرة واحدة.
recovery-code-label = رمز الاسترداد
recovery-wrong = رمز الاسترداد هذا غير صحيح.
recovery-wrong-remedy = تحقق مما كتبته. الرمز الذي استُخدم من قبل لا يعمل مرة أخرى.
too-many-codes = أُدخلت رموز خاطئة كثيرة.
authenticator-title = إعداد تطبيق المصادقة
authenticator-required = يطلب { $tenant } خطوة ثانية عند تسجيل الدخول: رمز من تطبيق. أعدّها الآن.
authenticator-what = عند تسجيل الدخول ستكتب رمزًا من التطبيق بعد كلمة المرور.
authenticator-scan = افتح تطبيق مصادقة على هاتفك وامسح هذه الصورة.
authenticator-picture = صورة لكاميرا تطبيق المصادقة
authenticator-open = افتحها في تطبيق على هذا الجهاز
authenticator-key = أو اكتب هذا المفتاح في التطبيق:
authenticator-code-hint = يعرض التطبيق ستة أرقام بمجرد أن يعرف المفتاح.
authenticator-button = تفعيل
authenticator-name = تطبيق المصادقة
authenticator-name-label = الاسم الذي تطلقه على هذا التطبيق
codes-title = احتفظ برموز الاسترداد
codes-what = إذا فقدت هاتفك فسيحل أحد هذه الرموز محل التطبيق عند تسجيل الدخول. اطبعها أو دوّنها.
codes-once = يعمل كل رمز مرة واحدة. لا تظهر الرموز إلا الآن.
codes-kept = احتفظت بها
two-step = تسجيل الدخول بخطوتين
two-step-off = متوقف: تكفي كلمة المرور وحدها لتسجيل الدخول.
two-step-on = مفعّل: تستخدم بعد كلمة المرور تطبيقًا أو مفتاح مرور أيضًا.
two-step-add = إضافة تطبيق
factor-set-up = أُعدّ { $when }
factor-used = آخر استخدام { $when }
factor-remove = إزالة { $factor }
factor-remove-title = هل تريد إزالة هذا التطبيق؟
factor-remove-what = لن تسجّل رموز { $factor } دخولك بعد الآن. وإذا كان تطبيقك الوحيد فستنتهي معه رموز الاسترداد.
recovery-codes = رموز الاسترداد
recovery-codes-left = { $count ->
    [zero] لم يبق أي رمز
    [one] بقي رمز واحد
    [two] بقي رمزان
    [few] بقيت { $count } رموز
    [many] بقي { $count } رمزًا
   *[other] بقي { $count } رمز
}
codes-renew = إنشاء رموز جديدة
codes-renew-title = هل تريد إنشاء رموز استرداد جديدة؟
codes-renew-what = ستتوقف الرموز التي لديك الآن عن العمل.
done-factor-added = أُعدّ التطبيق.
done-factor-removed = أُزيل التطبيق.
event-password-accepted = كُتبت كلمة المرور الصحيحة وطُلب رمز
event-factor-added = أُعدّ تطبيق مصادقة أو مفتاح مرور
event-factor-removed = أُزيل تطبيق مصادقة أو مفتاح مرور
event-codes = أُنشئت رموز استرداد جديدة

## Letters

mail-button-fails = إذا لم يعمل الزر فافتح هذا العنوان:
mail-reset-subject = تعيين كلمة مرور جديدة لـ { $tenant }
mail-reset-asked = طلب شخص ما، ونرجو أن تكون أنت، كلمة مرور جديدة لحسابك في { $tenant }.
mail-reset-what = يقود هذا الرابط إلى نموذج يمكنك تعيينها فيه. يعمل مرة واحدة خلال 30 دقيقة.
mail-reset-link = تعيين كلمة مرور جديدة
mail-reset-ignore = إن لم تكن أنت فتجاهل هذه الرسالة: تبقى كلمة مرورك كما هي.
mail-verify-subject = تأكيد عنوان بريدك الإلكتروني لـ { $tenant }
mail-verify-given = أُدخل هذا العنوان لحساب في { $tenant }.
mail-verify-what = أكّد بهذا الرابط أنه لك. يعمل مرة واحدة خلال 24 ساعة.
mail-verify-link = تأكيد هذا العنوان
mail-verify-ignore = إن لم يكن لديك حساب كهذا فتجاهل هذه الرسالة.
mail-password-subject = تغيرت كلمة مرورك في { $tenant }
mail-password-what = تغيرت كلمة مرور حسابك في { $tenant }، وسُجّل خروجك من كل مكان.
mail-password-not-you = إن لم تكن أنت فعيّن كلمة مرور جديدة فورًا وأخبر المسؤولين عن الخدمة.
mail-changing-subject = عنوان بريد إلكتروني آخر لحسابك في { $tenant }
mail-changing-what = أُدخل عنوان بريد إلكتروني آخر لحسابك في { $tenant }. يبقى هذا العنوان لك إلى أن يؤكَّد الآخر.
mail-changing-not-you = إن لم تكن أنت فعيّن كلمة مرور جديدة فورًا، وبذلك يُنسى العنوان الآخر أيضًا، وأخبر المسؤولين عن الخدمة.
mail-changed-subject = تغيّر عنوان بريدك الإلكتروني في { $tenant }
mail-changed-what = لحسابك في { $tenant } الآن عنوان بريد إلكتروني آخر. تُرسل الرسائل إليه من الآن.
mail-changed-not-you = إن لم تكن أنت فأخبر المسؤولين عن الخدمة فورًا.
mail-leaving-subject = سيُحذف حسابك لدى { $tenant }
mail-leaving-what = طلبت حذف حسابك. يُحذف في { $when }. حتى ذلك الحين لا يستطيع أحد استخدامه.
mail-leaving-keep = للاحتفاظ به سجّل الدخول قبل ذلك.
mail-leaving-not-you = إن لم تكن أنت فسجّل الدخول واحتفظ بحسابك وعيّن كلمة مرور جديدة.
mail-kept-subject = حسابك لدى { $tenant } باقٍ
mail-kept-what = كان من المقرر حذف حسابك، وأبقاه أحد المسؤولين. يمكنك تسجيل الدخول واستخدامه كما كان.
mail-kept-again = إذا كنت لا تزال تريد حذفه، فاحذفه مرة أخرى من صفحة حسابك.
mail-left-subject = حُذف حسابك لدى { $tenant }
mail-left-what = حُذف حسابك كما طلبت، ولا يمكن استعادته.
mail-left-after = هذه آخر رسالة بشأنه.
mail-registered-subject = لديك حساب في { $tenant }
mail-registered-what = حاول شخص ما، ونرجو أن تكون أنت، إنشاء حساب في { $tenant } باسم تستخدمه من قبل.
mail-registered-reset = إن كنت أنت ونسيت كلمة مرورك فيمكنك تعيين كلمة جديدة هنا.
mail-registered-ignore = إن لم تكن أنت فتجاهل هذه الرسالة: لم يتغير شيء.
mail-factor-added-subject = أُعدّ تطبيق مصادقة لدى { $tenant }
mail-factor-added-what = أصبح تسجيل الدخول إلى حسابك لدى { $tenant } يتطلب أيضًا رمزًا من تطبيق مصادقة.
mail-factor-removed-subject = أُزيل تطبيق مصادقة لدى { $tenant }
mail-factor-removed-what = أُزيل تطبيق مصادقة من حسابك لدى { $tenant }، ولم تعد رموزه تسجّل دخول أحد.
mail-codes-subject = رموز استرداد جديدة لدى { $tenant }
mail-codes-what = أُنشئت رموز استرداد جديدة لحسابك لدى { $tenant }، ولم تعد الرموز السابقة تعمل.
mail-code-used-subject = استُخدم رمز استرداد لدى { $tenant }
mail-code-used-what = سجّل شخص الدخول إلى حسابك لدى { $tenant } برمز استرداد. الرموز المتبقية: { $left }.
mail-factor-not-you = إذا لم تكن أنت، فعيّن كلمة مرور جديدة فورًا وأبلغ القائمين على الخدمة.

# مزوّدو هوية آخرون
continue-with = المتابعة باستخدام { $provider }
or = أو
upstream-denied = لم تسجّل الدخول لدى { $provider }.
upstream-denied-remedy = حاول مرة أخرى أو اختر طريقة أخرى.
upstream-failed = تعذّر تسجيل الدخول لدى { $provider }.
upstream-failed-remedy = { $provider } لا يستجيب، أو لا يستجيب كما ينبغي. حاول مرة أخرى بعد قليل أو اختر طريقة أخرى.
upstream-taken = يوجد حساب بعنوان البريد الإلكتروني هذا.
upstream-taken-remedy = سجّل الدخول بكلمة المرور، ثم يمكنك ربط { $provider } من صفحة حسابك.
upstream-none = لا يوجد لك حساب هنا عبر { $provider }.
upstream-none-remedy = تواصل مع الجهة التي تدير هذه الخدمة.
upstream-address = لم يقدّم { $provider } عنوان بريد إلكتروني مؤكدًا.
upstream-address-remedy = أكّد عنوانك هناك ثم حاول مرة أخرى.
upstream-account-remedy = كل شيء على ما يرام لدى { $provider }. تواصل مع الجهة التي تدير هذه الخدمة.
upstream-unknown = لم يبدأ تسجيل الدخول هذا هنا.
upstream-unknown-remedy = استغرق وقتًا طويلًا أو بدأ في متصفح آخر. عد من حيث أتيت وحاول مرة أخرى.
connection-add = ربط { $provider }
connection-add-title = ربط حساب آخر
connection-add-what = ستتمكن من تسجيل الدخول باستخدام { $provider }. أثبت أولًا أنك صاحب الحساب، ثم سجّل الدخول هناك.
connection-go = متابعة
connection-remove = إزالة الربط مع { $provider }
connection-remove-title = هل تريد إزالة هذا الربط؟
connection-remove-what = لن تتمكن بعد ذلك من تسجيل الدخول باستخدام { $provider }.
connection-sign-in = لتغيير طريقة تسجيل الدخول ({ $provider }) أثبت أولًا أنك صاحب الحساب: سجّل الدخول مرة أخرى.
connection-last = { $provider } هو طريقتك الوحيدة لتسجيل الدخول. عيّن كلمة مرور أولًا.
connection-elsewhere = هذا الحساب لدى { $provider } مرتبط بحساب آخر هنا.
connection-already = سبق أن ربطت حسابًا لدى { $provider }. أزله أولًا.
done-connected = تم ربط حسابك.
done-connection-removed = أُزيل الربط.
mail-linked-subject = تم ربط { $left } بحسابك
mail-linked-what = يمكن الآن تسجيل الدخول إلى حسابك لدى { $tenant } باستخدام { $left }.
mail-unlinked-subject = أُزيل { $left } من حسابك
mail-unlinked-what = لم يعد ممكنًا تسجيل الدخول إلى حسابك لدى { $tenant } باستخدام { $left }.
mail-linked-not-you = إن لم تكن أنت من فعل ذلك، فغيّر كلمة المرور وراجع طرق تسجيل الدخول في صفحة حسابك.
## Passkeys

passkey-sign-in = تسجيل الدخول بمفتاح مرور
passkey-use = استخدام مفتاح مرور
passkey-instead-of-password = استخدام مفتاح مرور بدلًا من كلمة المرور
passkey-make = إنشاء مفتاح مرور
or-passkey = أو أنشئ مفتاح مرور بدلًا من ذلك
passkey-failed = لم يُستخدم أي مفتاح مرور. حاول مرة أخرى أو سجّل الدخول بطريقة أخرى.
passkey-not-made = لم يُنشأ أي مفتاح مرور. حاول مرة أخرى أو استخدم جهازًا آخر.
passkey-without = يلزم لهذا متصفح يعرف مفاتيح المرور ويشغّل البرامج النصية.
passkey-refused = لم يُقبل مفتاح المرور هذا.
passkey-refused-remedy = حاول مرة أخرى أو سجّل الدخول بطريقة أخرى.
passkey-title = استخدم مفتاح المرور
passkey-what = الحساب { $name } محمي بخطوة ثانية. أثبت بمفتاح المرور أنك صاحبه.
passkey-called = { $name } لدى { $tenant }
passkey-name = مفتاح مرور
passkey-name-label = اسم مفتاح المرور هذا عندك
passkey-new-title = إنشاء مفتاح مرور
passkey-new-what = بمفتاح المرور تسجّل الدخول دون كلمة مرور: ببصمتك أو وجهك أو الرقم السري لجهازك.
passkey-first-what = بمفتاح المرور تسجّل الدخول دون كلمة مرور: ببصمتك أو وجهك أو الرقم السري لجهازك. ومن يسجّل الدخول بكلمة مرورك يُطلب منه بعد ذلك مفتاح المرور أيضًا، أو أحد رموز الاسترداد التي ستحصل عليها الآن.
passkey-remove-title = هل تريد إزالة مفتاح المرور هذا؟
passkey-remove-what = لن يسجّل { $factor } دخولك بعد الآن. احذفه من جهازك أيضًا. إذا لم يكن لديك مفتاح مرور آخر ولا تطبيق، فستنتهي معه رموز الاسترداد.
passkeys-title = مفاتيح المرور
passkeys-what = سجّل الدخول بجهازك دون كلمة مرور.
password-too-title = اكتب كلمة المرور أيضًا
password-too-what = لم يتحقق مفتاح المرور من أنك صاحبه. اكتب كلمة مرور { $name } للمتابعة.
factor-use-passkey = استخدام مفتاح المرور بدلًا من ذلك
done-passkey-added = أُنشئ مفتاح المرور.
done-passkey-removed = أُزيل مفتاح المرور.
event-passkey-copied = رُفض مفتاح مرور: قد تكون له نسخة
mail-passkey-added-subject = أُنشئ مفتاح مرور لدى { $tenant }
mail-passkey-added-what = أُنشئ مفتاح مرور لحسابك لدى { $tenant }. يسجّل الدخول دون كلمة مرور، ويُطلب أيضًا ممن يكتب كلمة المرور.
mail-passkey-removed-subject = أُزيل مفتاح مرور من { $tenant }
mail-passkey-removed-what = أُزيل مفتاح مرور من حسابك لدى { $tenant }. لم يعد يسجّل دخول أحد.
mail-factors-removed-subject = أُعيد ضبط تسجيل الدخول بخطوتين لدى { $tenant }
mail-factors-removed-what = أزال أحد المسؤولين جميع مفاتيح المرور وتطبيقات المصادقة ورموز الاسترداد من حسابك لدى { $tenant }.
mail-passkey-copied-subject = رُفض مفتاح مرور لدى { $tenant }
mail-passkey-copied-what = يقول مفتاح المرور { $factor } إنه استُخدم مرات أقل مما نعرف. قد تكون لدى شخص آخر نسخة منه. لذلك رُفض.
mail-passkey-copied-do = أزل مفتاح المرور هذا في صفحة حسابك وأنشئ واحدًا جديدًا. وإذا لم تكن قد استخدمته للتو، فغيّر كلمة المرور أيضًا.

## Signing in by mail

mailed-way = أرسل إليّ رابط تسجيل الدخول
mailed-title = تسجيل الدخول بالبريد الإلكتروني
mailed-what = أدخل الاسم أو عنوان البريد الإلكتروني الذي تسجّل به الدخول إلى { $tenant }. سنرسل إليه رابطًا ورمزًا.
mailed-button = إرسال الرسالة
mailed-sent = إذا كان هناك حساب بهذا الاسم وعنوان بريد إلكتروني مؤكَّد، فقد أرسلنا إليه رابطًا ورمزًا. يعملان مرة واحدة، لمدة 10 دقائق، في هذا المتصفح.
mailed-code-label = الرمز الوارد في الرسالة
mailed-again = إرسال رسالة أخرى
mailed-confirm = تسجيل الدخول إلى { $tenant } باسم { $name }؟
mailed-elsewhere-title = ليس هذا المتصفح الذي بدأت فيه
mailed-elsewhere = لا يعمل الرابط إلا حيث طلبته. افتحه هناك، أو أدخل الرمز الوارد في الرسالة في الصفحة المفتوحة هناك.
mailed-wrong = هذا الرابط أو الرمز لا يعمل.
mailed-wrong-remedy = يعمل كل منهما مرة واحدة، لمدة 10 دقائق. تحقّق مما أدخلته، أو اطلب رسالة أخرى.
mailed-second-title = أكّد أنه أنت
mailed-second-what = يطلب { $tenant } خطوة ثانية. يمكننا إرسال رمز إلى { $email }.
mailed-second-send = أرسل إليّ رمزًا
mailed-second-sent = أرسلنا رمزًا إلى { $email }. يعمل مرة واحدة، لمدة 10 دقائق.
mailed-second-again = إرسال رمز آخر
mailed-second-app = إعداد تطبيق أو مفتاح مرور بدلًا من ذلك
mailed-second-many = أُرسلت إليك عدة رسائل بالفعل. انتظر بضع دقائق ثم حاول مرة أخرى.
event-sign-in-mail = طلب أحدهم رسالة لتسجيل الدخول
event-mail-accepted = استُخدم رابط أو رمز من رسالة لتسجيل الدخول
mail-sign-in-subject = تسجيل الدخول إلى { $tenant }
mail-sign-in-asked = يريد أحدهم، ونأمل أنه أنت، تسجيل الدخول إلى { $tenant } بهذه الرسالة.
mail-sign-in-what = اضغط الزر في المتصفح الذي طلبتها فيه، أو أدخل هذا الرمز هناك. يعمل مرة واحدة، لمدة 10 دقائق.
mail-sign-in-link = تسجيل الدخول
mail-sign-in-ignore = إذا لم تكن أنت، فتجاهل هذه الرسالة. لا تعطِ الرمز لأحد: من يطلبه منك يريد الدخول إلى حسابك.
mail-code-subject = رمزك لدى { $tenant }
mail-code-what = يسجّل أحدهم، ونأمل أنه أنت، الدخول إلى { $tenant } ويُطلب منه هذا الرمز. يعمل مرة واحدة، لمدة 10 دقائق.
mail-code-ignore = إذا لم تكن أنت، فلا تعطِ الرمز لأحد، وعيّن كلمة مرور جديدة: هناك من يعرف كلمتك.

## Devices that are remembered

remember-device = { $count ->
    [zero] لا تسأل مجددًا على هذا الجهاز
    [one] لا تسأل مجددًا على هذا الجهاز لمدة يوم
    [two] لا تسأل مجددًا على هذا الجهاز لمدة يومين
    [few] لا تسأل مجددًا على هذا الجهاز لمدة { $count } أيام
    [many] لا تسأل مجددًا على هذا الجهاز لمدة { $count } يومًا
   *[other] لا تسأل مجددًا على هذا الجهاز لمدة { $count } يوم
}
remembered-since = لا تُطلب الخطوة الثانية منذ { $when } وحتى { $until }
remembered-forget = اسأل مجددًا
remembered-forget-device = طلب الخطوة الثانية مجددًا على { $device }
done-forgotten = تُطلب الخطوة الثانية هناك مجددًا.
event-device-forgotten = تُطلب الخطوة الثانية مجددًا على الأجهزة

## The console

when-moment = { $date }، { $time } UTC
console-title = لوحة الإدارة
console-overview = نظرة عامة
console-clients = التطبيقات
console-people = الأشخاص
console-audit = النشاط
console-docs = التوثيق
console-open-menu = فتح القائمة
console-search = البحث في كل شيء
console-search-hint = ابحث أو الصق معرّفًا
console-search-button = بحث
console-search-what = يمكنك البحث عن التطبيقات والأشخاص بالاسم أو العنوان أو المعرّف.
console-search-none = لا شيء يطابق { $text }
console-keys = لوحة المفاتيح
console-close = إغلاق
console-you-are-here = أنت هنا
console-again-title = سجّل الدخول من جديد
console-again-two = يتطلب هذا خطوتين: كلمة المرور، ثم تطبيقك أو مفتاح المرور.
console-again-fresh = مضى وقت على تسجيل دخولك. أثبت هويتك مرة أخرى لتتابع من حيث كنت.
console-again-button = تسجيل الدخول والمتابعة
console-gone-title = لا يوجد شيء هنا
console-gone = ربما حُذف، أو أنه يخص مستأجرًا آخر.
console-denied-title = لا يُسمح لك بذلك
console-to-start = إلى النظرة العامة
console-pages = الصفحات
console-first-page = الصفحة الأولى
console-next-page = التالي
console-see-all = عرض الكل
console-all = الكل
console-unused = غير مستخدمة منذ 90 يومًا
console-name = الاسم
console-kind = النوع
console-state = الحالة
console-last-used = آخر استخدام
console-never = أبدًا
console-never-used = لم يُستخدم بعد
console-kind-web = ويب
console-kind-spa = صفحة واحدة
console-kind-native = تطبيق مثبّت
console-kind-machine = خدمة
console-kind-device = جهاز
console-state-working = يعمل
console-state-failing = يفشل
console-state-off = متوقف
console-state-unused = لم يُستخدم بعد
console-clients-what = تطبيقات وخدمات تستخدم { $tenant } لتسجيل دخول الأشخاص أو لاستدعاء الواجهات.
console-clients-search = البحث في التطبيقات
console-clients-search-hint = الاسم أو المعرّف
console-clients-all = عرض كل التطبيقات
console-clients-none = لا توجد تطبيقات بعد
console-clients-none-what = يحصل التطبيق أو الخدمة على الرموز من هنا. أخبرنا بما تبنيه لتُضبط الإعدادات المناسبة.
console-clients-no-match = لا يوجد تطبيق يطابق { $text }
console-clients-no-match-what = يمكنك البحث بجزء من الاسم أو من المعرّف.
console-clients-none-unused = كل التطبيقات مستخدمة
console-clients-none-unused-what = حصل كل منها على رمز خلال 90 يومًا، أو أنه أحدث من ذلك.
console-client-new = تطبيق جديد
console-done-saved = تم الحفظ. يسري ذلك من الطلب التالي.
console-done-client-on = تم التشغيل.
console-done-client-off = تم الإيقاف. لن يحصل على رموز جديدة، ولا تعمل رموزه الحالية.
console-done-client-deleted = حُذف التطبيق.
console-switch-off = إيقاف
console-switch-on = تشغيل
console-delete = حذف
console-delete-of = حذف { $client }؟
console-delete-button = حذف { $client }
console-delete-what = لا يمكن التراجع عن ذلك. فور الحذف:
console-delete-instead = غير متأكد؟ أوقفه بدلًا من ذلك. يمكنك تشغيله مجددًا دون فقدان شيء.
console-ends-tokens = تتوقف رموزه عن العمل فورًا
console-ends-people = لا يمكن لأحد تسجيل الدخول من خلاله بعد الآن
console-ends-consents = يُنسى ما سمح به الأشخاص له
console-ends-secret = لا يعمل معرّفه ولا أسراره بعدها أبدًا
console-log-stays = يبقى سجل ما حدث
console-confirm = اكتب { $name } للتأكيد
console-confirm-wrong = هذا ليس الاسم. اكتبه كما يظهر أعلاه.
console-keep-it = الإبقاء عليه
console-why-title = لماذا يفشل هذا التطبيق؟
console-last-day = خلال آخر 24 ساعة
console-why-nothing = لم يُرفض شيء خلال آخر 24 ساعة.
console-sent = المُرسَل
console-registered = المسجَّل
console-add-address = إضافة هذا العنوان
console-about-error = عن هذا الخطأ
console-why-address = عنوان إعادة التوجيه غير مسجَّل
console-why-address-what = تُقارن العناوين حرفًا بحرف. إذا كان التطبيق محقًا فأضف العنوان الذي أرسله.
console-why-address-foreign = يقع في مكان غير العناوين المسجَّلة. يمكن لأي أحد إرسال طلب كهذا: لا تضفه إلا إذا كنت تعلم أنه لك.
console-why-secret = بيانات الاعتماد غير صحيحة
console-why-secret-what = غالبًا ما يكون لدى خادم سرّ قديم أو سقط حرف عند النسخ. قارن آخر أربعة أحرف أدناه أو غيّر السر.
console-why-scope = يطلب نطاقات لا يحق له الحصول عليها
console-why-scope-what = امنحه النطاق أدناه، أو أزله من طلب التطبيق.
console-why-grant = يستخدم طريقة منح ليست لديه
console-why-grant-what = شغّل طريقة المنح أدناه إذا كان على التطبيق استخدامها.
console-why-code = لم يعد رمز أو رمز تحديث صالحًا
console-why-code-what = يعمل كل منها مرة واحدة ولفترة. إذا تكرر ذلك فالتطبيق يرسله مرتين أو يحتفظ بآخر قديم.
console-why-limit = يطلب أكثر من اللازم
console-why-limit-what = احتفظ بكل رمز حتى انتهائه. إن احتاج إلى المزيد فعلًا فارفع معدله.
console-why-else = رُفض طلب
console-why-else-what = يبيّن السجل السبب، وتبيّن صفحة الخطأ ما ينبغي تغييره.
console-addresses = العناوين
console-addresses-what = إلى أين يمكن إرسال الأشخاص بعد تسجيل الدخول. مطابقة تامة.
console-redirect-uris = عناوين إعادة التوجيه
console-redirect-uris-hint = واحد في كل سطر، مثل https://app.example/callback. يصلح أي منفذ مع 127.0.0.1.
console-goodbye-uris = العناوين بعد تسجيل الخروج
console-one-a-line = واحد في كل سطر.
console-origins = أصول المتصفح
console-origins-hint = واحد في كل سطر. إن تُرك فارغًا فأصول عناوين إعادة التوجيه.
console-secrets = الأسرار
console-secrets-what = يمكن أن يعمل اثنان معًا كي لا يتعطل شيء أثناء التبديل.
console-secret-active = فعّال
console-secret-over = انتهى
console-secret-ends = { $count ->
    [one] ينتهي خلال ساعة
   *[other] ينتهي خلال { $count } ساعات
}
console-secret-change = تغيير السر
console-secret-change-of = تغيير سر { $client }؟
console-secret-changed = أصبح لدى { $client } سر جديد
console-secret-once = يُعرض هذا مرة واحدة. انسخه الآن إلى حيث يحفظه التطبيق.
console-secret-two = ما زال سر قديم يعمل. ينتهي فورًا إن تابعت، ويستمر الأحدث كما تختار هنا.
console-overlap = كم يستمر السر القديم في العمل؟
console-overlap-what = انقل السر الجديد إلى كل خادم ما دام القديم يعمل.
console-overlap-hour = ساعة
console-overlap-day = يوم
console-overlap-week = أسبوع
console-overlap-none = ينتهي الآن: ربما يعرفه شخص آخر
console-keep-secret = الإبقاء على السر
console-old-secret = السر القديم
console-old-secret-until = يعمل حتى
console-access = الوصول
console-access-what = كيف يحصل على الرموز ولأي غرض.
console-grants = طرق المنح
console-grant-code = يسجّل الأشخاص الدخول
console-grant-refresh = يبقى مسجَّل الدخول في غياب الأشخاص
console-grant-machine = يعمل لحسابه
console-grant-device = يسجّل الأشخاص الدخول على جهاز آخر
console-grant-password = يستلم كلمات مرور الأشخاص
console-grant-implicit = يحصل على الرموز عبر المتصفح
console-grant-exchange = يبادل الرموز للواجهة التالية
console-scopes = النطاقات
console-scopes-hint = تفصل بينها مسافات، مثل openid profile email.
console-trust = الثقة
console-first-party = من تطبيقاتنا
console-first-party-what = لا يُطلب من الأشخاص الموافقة
console-pkce = اشتراط PKCE
console-pkce-what = لا ينفع الرمز المسروق أحدًا غيره
console-pkce-always = مفعّل دائمًا للتطبيقات بلا سر
console-lifetimes = مدد الصلاحية
console-lifetimes-what = مدة عمل رموزه. الأقصر أكثر أمانًا.
console-access-lifetime = رموز الوصول
console-refresh-lifetime = رموز التحديث
console-seconds = بالثواني.
console-use = استخدمه
console-use-what = القيم معبأة لهذا التطبيق.
console-use-settings = الإعدادات
console-general = الاسم والوصف
console-description = الوصف
console-description-hint = يقرؤه الأشخاص عند طلب موافقتهم.
console-made = أُنشئ
console-changed = عُدّل
console-save = حفظ
console-build-title = ماذا تبني؟
console-build-what = نختار لك إعدادات آمنة، ويمكنك تغييرها لاحقًا.
console-build-web = تطبيق ويب
console-build-web-what = صفحات يصنعها خادم. يستطيع حفظ سر.
console-build-spa = تطبيق صفحة واحدة
console-build-spa-what = يعمل في المتصفح ويستدعي الواجهات.
console-build-app = تطبيق هاتف أو حاسوب
console-build-app-what = يثبّته الأشخاص.
console-build-svc = خدمة
console-build-svc-what = تستدعي الواجهات بنفسها دون حضور أحد.
console-build-tv = تلفاز أو جهاز ألعاب أو طرفية
console-build-tv-what = لا توجد له لوحة مفاتيح جيدة.
console-you-get = ستحصل على
console-gives-code = تسجيل دخول برمز تفويض مع PKCE
console-gives-secret = سر يمكن تغييره دون انقطاع
console-gives-refresh = رموز تحديث تتغير مع كل استخدام
console-gives-no-secret-browser = بلا سر: لا يستطيع المتصفح حفظه
console-gives-no-secret = بلا سر
console-gives-origins = أصول المتصفح (CORS) معبأة لك
console-gives-own-tokens = رموز للخدمة نفسها
console-gives-no-page = لا صفحة دخول ولا موافقة
console-gives-short-code = رمز قصير يُكتب على الهاتف
console-steps = الخطوات
console-step-kind = النوع
console-step-name = الاسم والعناوين
console-step-use = نسخ القيم
console-name-hint = يقرؤه الأشخاص عند تسجيل الدخول.
console-continue = متابعة
console-cancel = إلغاء
console-back = رجوع
console-make-client = إنشاء التطبيق
console-client-made = أصبح { $client } جاهزًا
console-made-what = ضع هذه القيم في التطبيق وجرّب أول تسجيل دخول.
console-client-id = معرّف العميل
console-client-secret = سر العميل
console-to-client = إلى إعداداته
console-count = { $count ->
   *[other] المجموع { $count }
}
console-number = { $count }
console-times = { $count ->
    [one] مرة
   *[other] { $count } مرات
}
console-overview-of = { $tenant } اليوم
console-figure-clients = عدد التطبيقات
console-figure-people = عدد الأشخاص
console-figure-failing = تطبيقات رُفض لها طلب، 24 ساعة
console-failing-title = تطبيقات تحتاج إلى انتباه
console-failing-none = لم يُرفض شيء لأي تطبيق خلال آخر 24 ساعة.
console-changes-title = مؤخرًا
console-people-what = كل من لديه حساب لدى { $tenant }.
console-people-search = البحث عن أشخاص
console-people-search-hint = الاسم أو اسم المستخدم أو البريد
console-people-all = عرض الجميع
console-people-none = لا أحد بعد
console-people-none-what = يأتي الأشخاص بالتسجيل، أو عبر تطبيق ينشئ الحسابات، أو عبر مزوّد هوية آخر.
console-people-no-match = لا أحد يطابق { $text }
console-people-no-match-what = يمكنك البحث بجزء من الاسم أو اسم المستخدم أو البريد الإلكتروني.
console-roles = الأدوار
console-last-sign-in = آخر تسجيل دخول
console-person-active = نشط
console-person-locked = مقفل
console-person-leaving = يغادر قريبًا
console-send-link = إرسال رابط كلمة المرور
console-lock = قفل
console-unlock = إلغاء القفل
console-done-locked = تم القفل. خرج من كل مكان ولا تعمل رموزه.
console-done-unlocked = أُلغي القفل. يمكنه تسجيل الدخول من جديد.
console-done-reset = الرابط في الطريق إن كان لديه بريد مؤكَّد.
console-done-ended = انتهى تسجيل الدخول.
console-done-everywhere = سُجّل الخروج من كل مكان وانتهت كل رموزه.
console-done-factors = أُزيلت العوامل الثانية. تكفي كلمة المرور في المرة القادمة ما لم يُشترط عامل آخر.
console-everywhere-of = تسجيل خروج { $name } من كل مكان؟
console-everywhere-button = تسجيل الخروج من كل مكان
console-factors-of = إزالة كل العوامل الثانية من { $name }؟
console-factors-button = إزالتها
console-ends-sign-ins = ينتهي كل تسجيل دخول على كل جهاز
console-ends-their-tokens = يتوقف كل رمز تحمله التطبيقات باسمه
console-ends-pending = لا تؤدي الروابط المرسلة إلى شيء
console-ends-factors = لا تُحتسب تطبيقات المصادقة ومفاتيح المرور بعدها
console-ends-codes = لا تُحتسب رموز الاسترداد بعدها
console-timeline = التسلسل الزمني
console-timeline-none = لا شيء في السجل عن هذا الشخص.
console-timeline-denied = يمكنك رؤية ما حدث بإذن audit:read.
console-everything = كل شيء
console-failures = الإخفاقات
console-by = بواسطة { $name }
console-about-person = عن هذا الشخص
console-facts = البيانات
console-id = المعرّف
console-factors = العوامل الثانية
console-factors-none = لم يُضبط أي منها.
console-signed-in-on = مسجَّل الدخول على
console-nowhere = ليس في أي مكان حاليًا.
console-end = إنهاء
console-let-in = التطبيقات التي سمح لها
console-let-in-none = لا شيء.
console-activity-what = من فعل ماذا ومتى ومن أين.
console-activity-search = شخص أو تطبيق أو معرّف
console-activity-none = لا شيء مطابق في السجل
console-activity-none-what = ابحث عن اسم مستخدم أو معرّف كامل. ما هو أقدم من مدة حفظ السجل لم يعد موجودًا.
console-outcome = النتيجة
console-outcome-any = أي نتيجة
console-outcome-success = تم
console-outcome-attempted = محاولة
console-outcome-failure = فشل
console-outcome-refused = مرفوض
console-what = ماذا
console-who = من
console-when = متى
