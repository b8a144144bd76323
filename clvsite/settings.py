"""All settings. What differs between machines comes from the environment:

CLVSITE_DATA        folder for everything the site writes (default: data/ beside manage.py)
CLVSITE_ENV         "embedded" (default: one machine, plain http) or "production" (behind https)
CLVSITE_HOSTS       names the site answers to, with commas between (production)
CLVSITE_SECRET_KEY  the secret; embedded mode keeps one in CLVSITE_DATA
DATABASE_URL        PostgreSQL; default: SQLite in CLVSITE_DATA
CLVSITE_BROKER_URL  RabbitMQ or Redis; default: folders in CLVSITE_DATA
CLVSITE_CACHE_URL   Redis, shared by all web processes; default: a table of the database
CLVSITE_SHARDS      into how many parts workers divide a valuation's customers (default: 1)
CLVSITE_QUIET_SECONDS, CLVSITE_LEASE_SECONDS, CLVSITE_SWEEP_SECONDS   times of the workers
"""

import os
import sys
from datetime import timedelta
from pathlib import Path

import dj_database_url
from celery.schedules import crontab
from csp.constants import NONE, SELF
from kombu.utils.url import url_to_parts

from clvsite.folder_broker import folders
from clvsite.secret import kept_secret

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("CLVSITE_DATA", BASE_DIR / "data")).resolve()
DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)

IS_PRODUCTION = os.environ.get("CLVSITE_ENV", "embedded") == "production"
DEBUG = False


SECRET_KEY = os.environ.get("CLVSITE_SECRET_KEY") or kept_secret(DATA_DIR / "secret_key")
ALLOWED_HOSTS = (
    os.environ.get("CLVSITE_HOSTS", "").split(",") if IS_PRODUCTION else ["127.0.0.1", "localhost"]
)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "csp",
    "django_htmx",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "clvsite",
    "customers",
    "metrics",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "clvsite.sign_in.ExpiredPartMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "clvsite.clock.CompanyClockMiddleware",
    "clvsite.doors.DoorMiddleware",
]

ROOT_URLCONF = "clvsite.urls"
WSGI_APPLICATION = "clvsite.wsgi.application"
FORM_RENDERER = "clvsite.forms.drawing.PartsRenderer"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clvsite.doors.frame",
            ],
        },
    },
]

# The database: SQLite takes one writer at a time, so every transaction asks for the lock at once.

DATABASES = {
    "default": dj_database_url.config(
        default=f"sqlite:///{DATA_DIR / 'clvsite.sqlite3'}", conn_max_age=None
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:  # compiling a short query takes PostgreSQL longer than running it
    DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c jit=off"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Rate limits are counted here, so all web processes have to share it.

CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache"}}
CACHES["default"]["LOCATION"] = os.environ.get("CLVSITE_CACHE_URL", "cache")
if "CLVSITE_CACHE_URL" in os.environ:
    CACHES["default"]["BACKEND"] = "django.core.cache.backends.redis.RedisCache"

# People.

AUTH_USER_MODEL = "customers.User"
AUTHENTICATION_BACKENDS = ["clvsite.sign_in.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "clvsite.sign_in.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "clvsite.forms.sign_in.SignInForm",
    "change_password": "clvsite.forms.sign_in.ChangePasswordForm",
    "set_password": "clvsite.forms.sign_in.SetPasswordForm",
    "reset_password": "clvsite.forms.sign_in.ResetPasswordForm",
    "reset_password_from_key": "clvsite.forms.sign_in.ResetPasswordKeyForm",
    "reauthenticate": "clvsite.forms.sign_in.ReauthenticateForm",
}
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
SESSION_COOKIE_SAMESITE = "Lax"

EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if IS_PRODUCTION
    else "django.core.mail.backends.filebased.EmailBackend"
)
EMAIL_FILE_PATH = DATA_DIR / "mail"
EMAIL_HOST = os.environ.get("CLVSITE_EMAIL_HOST", "localhost")
SITE_ADDRESS = (
    f"https://{ALLOWED_HOSTS[0]}"
    if IS_PRODUCTION
    else f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"
)
DEFAULT_FROM_EMAIL = os.environ.get("CLVSITE_EMAIL_FROM", "clvsite@localhost")

# What a browser is told.

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE = SECURE_SSL_REDIRECT = IS_PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_PRODUCTION else None
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if IS_PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_PRODUCTION
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "connect-src": [SELF],
        "font-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# Words, days and files.

LANGUAGE_CODE = "en-gb"
USE_I18N = False
FORMAT_MODULE_PATH = "clvsite.formats"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}
MEDIA_ROOT = DATA_DIR / "uploads"
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_TEMP_DIR = None
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20

# Workers. A message is only a signal: the row in the database says what is to be done.

VALUATION_SHARDS = int(os.environ.get("CLVSITE_SHARDS", "1"))
WORK_LEASE = timedelta(seconds=float(os.environ.get("CLVSITE_LEASE_SECONDS", "90")))
QUIET_BEFORE_VALUE = timedelta(seconds=float(os.environ.get("CLVSITE_QUIET_SECONDS", "600")))
SWEEP_EVERY = timedelta(seconds=float(os.environ.get("CLVSITE_SWEEP_SECONDS", "30")))

CELERY_BROKER_URL = os.environ.get("CLVSITE_BROKER_URL", "folder://localhost/")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = 2
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "send waiting imports again": {
        "task": "customers.tasks.sweep",
        "schedule": SWEEP_EVERY,
        "options": {"expires": SWEEP_EVERY.total_seconds()},
    },
    "begin what is due, send waiting valuations and figures again": {
        "task": "metrics.tasks.sweep",
        "schedule": SWEEP_EVERY,
        "options": {"expires": SWEEP_EVERY.total_seconds()},
    },
    "forget what persons' rows said before they were changed": {
        "task": "customers.tasks.forget_earlier_rows",
        "schedule": crontab(hour=3, minute=0),
    },
    "mail alerts to their owners": {
        "task": "metrics.tasks.send_alerts",
        "schedule": crontab(hour=7, minute=0),
    },
}
if url_to_parts(CELERY_BROKER_URL).scheme == "folder":
    CELERY_BROKER_TRANSPORT_OPTIONS = folders(DATA_DIR / "queue")
elif url_to_parts(CELERY_BROKER_URL).scheme in {"redis", "rediss"}:
    CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["clvsite.api.permissions.DoorPermission"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "PAGE_SIZE": 50,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
        "rest_framework.throttling.ScopedRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {"anon": "30/min", "user": "600/min", "token": "5/min"},
    "NUM_PROXIES": 1 if IS_PRODUCTION else 0,  # what a caller writes into a header counts nothing
}
SPECTACULAR_SETTINGS = {
    "TITLE": "clvsite",
    "DESCRIPTION": "The rows, columns and figures of the pages, for programs.",
    "VERSION": "1",
    "SERVE_PERMISSIONS": ["clvsite.api.permissions.DoorPermission"],
    "SERVE_INCLUDE_SCHEMA": False,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}

if "pytest" in sys.modules:
    STATIC_ROOT.mkdir(exist_ok=True)
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
