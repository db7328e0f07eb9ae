### Licences at the border.

audit-action-licence_activated = Customs acknowledged a licence
audit-action-licence_allotted = Gave a border post a quantity, or closed it
audit-action-licence_closed = Closed a licence
audit-action-licence_drawn_down = Drew a licence down
audit-action-licence_issued = Issued a licence
audit-action-licence_reinstated = Reinstated a licence
audit-action-licence_revoked = Revoked a licence
audit-action-licence_superseded = Put another licence in the place of one
audit-action-licence_surrendered = Handed a licence back
audit-action-licence_suspended = Suspended a licence
audit-action-licence_user_registered = Registered a user of a general licence
