"""A token for programs, in return for e-mail and password."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.signals import password_changed, password_reset, password_set
from django.core.exceptions import ValidationError
from django.dispatch import receiver
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.authtoken.models import Token
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from customers.models import User

NO_MATCH = "That e-mail and password do not match."


class SignInSerializer(serializers.Serializer):
    """Who asks for a token. Wrong tries count together with those of the sign-in page."""

    email = serializers.EmailField()
    password = serializers.CharField(trim_whitespace=False, style={"input_type": "password"})

    def validate(self, sent: dict[str, Any]) -> dict[str, Any]:
        try:
            user = get_adapter().authenticate(self.context["request"], **sent)
        except ValidationError as refused:
            raise serializers.ValidationError(refused.messages) from None
        if user is None or not user.is_active:
            raise serializers.ValidationError(NO_MATCH)
        return sent | {"user": user}


class TokenSerializer(serializers.Serializer):
    token = serializers.CharField(help_text='Send it as "Authorization: Token …".')


class TokenView(APIView):
    """Sign in with e-mail and password; the answer is the token of this person."""

    authentication_classes = ()
    throttle_scope = "token"

    @extend_schema(request=SignInSerializer, responses=TokenSerializer, auth=[])
    def post(self, request: Request) -> Response:
        sign_in = SignInSerializer(data=request.data, context={"request": request._request})
        sign_in.is_valid(raise_exception=True)
        token, _ = Token.objects.get_or_create(user=sign_in.validated_data["user"])
        return Response(TokenSerializer({"token": token.key}).data)


@receiver([password_changed, password_reset, password_set])
def forget_token(user: User, **others: Any) -> None:
    """A new password ends the token that was given for the old one."""
    Token.objects.filter(user=user).delete()
