// One mail to one server, over TLS (RFC 5321, 3207, 8314).
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "config/config.h"
#include "core/base/result.h"

namespace veilroute::app {

/// The message as it goes over the line (RFC 5322): headers, an empty line, the text in lines that
/// end with CR LF. Header words outside ASCII are encoded (RFC 2047).
std::string mail_message(const config::MailSettings& settings, const std::string& subject,
                         const std::string& text, TimePoint at, const std::string& id);

/// Sends it. TLS from the first byte ("tls") or by STARTTLS, which must be there; the server's
/// certificate is checked against `ca`. Plain only to loopback. Errors: network.*, tls.*,
/// "mail.refused" (the server does not take it), "mail.no-password". None holds an address or a
/// word of the message. `stop` ends it within a second. Any thread.
Result<void> send_mail(const config::MailSettings& settings, const std::string& message,
                       const std::stop_token& stop);

}  // namespace veilroute::app
