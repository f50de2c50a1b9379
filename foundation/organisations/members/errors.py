"""Why somebody could not be invited, join, change or go."""

from __future__ import annotations

from foundation.errors import N_, Conflict, Invalid, NotAllowed, NotFound


class MemberNotFound(NotFound):
    code = "members.not_found"
    sentence = N_("Người này không còn trong danh sách thành viên.")


class InvitationNotFound(NotFound):
    code = "members.invitation_not_found"
    sentence = N_("Không có lời mời này.")


class InvitationSpent(Conflict):
    """Accepted, withdrawn or older than its seven days."""

    code = "members.invitation_spent"
    sentence = N_("Lời mời này không còn hiệu lực. Nhờ người mời gửi lại giúp bạn.")


class InvitationForAnother(NotAllowed):
    code = "members.invitation_for_another"
    sentence = N_(
        "Lời mời này gửi đến số %(phone)s, còn bạn đang đăng nhập bằng số khác. "
        "Đăng nhập bằng đúng số được mời rồi mở lại liên kết."
    )


class AlreadyMember(Conflict):
    code = "members.already"
    sentence = N_("Người dùng số này đã là thành viên rồi.")
    field = "phone"


class RoleUnknown(Invalid):
    code = "members.role_unknown"
    sentence = N_("Chọn một quyền trong danh sách.")
    field = "role"


class LastOwner(Conflict):
    code = "members.last_owner"
    sentence = N_(
        "Đây là chủ tài khoản duy nhất. Trao quyền chủ tài khoản cho một người khác trước đã."
    )
