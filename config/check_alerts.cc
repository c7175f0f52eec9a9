// Alerts: can people be told, over a way that nobody else reads?
#include <algorithm>

#include "config/check_parts.h"
#include "config/url.h"
#include "config/words.h"

namespace veilroute::config {
namespace {

/// One at sign, something at both sides of it, and nothing that would end a line or a list.
bool is_mail_address(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == 0 || at == text.npos || at + 1 == text.size()) return false;
  if (text.find('@', at + 1) != text.npos) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < 0x7F && std::string_view("<>()[],;:\\\"").find(c) == std::string_view::npos;
  });
}

void check_webhook(const TableReader& table, const WebhookSettings& webhook) {
  const auto url = parse_url(webhook.url);
  if (url && !url->encrypted && !is_loopback(url->address.host)) {
    table.problem(table.place("url"),
                  "plain http is for this machine alone (localhost); to tell another, use https",
                  "alerts.webhook-not-encrypted");
  }
  if (url && url->encrypted && webhook.ca.empty() && !table.is_faulty("ca")) {
    table.problem(table.place(), "\"ca\" is missing: https needs to know whom to trust",
                  "alerts.webhook-no-ca");
  }
  if (!webhook.ca.empty()) check_file(table, "ca", webhook.ca, Readers::anyone);
  if (!webhook.token_file.empty()) {
    check_file(table, "token_file", webhook.token_file, Readers::owner);
  }
}

void check_mail(const TableReader& table, const MailSettings& mail) {
  const bool plain = mail.security == MailSettings::Security::none;
  if (plain && !table.is_faulty("security") && !is_loopback(mail.address.host)) {
    table.problem(table.place("security"),
                  "mail to another machine goes over TLS: use \"starttls\" or \"tls\"",
                  "alerts.mail-not-encrypted");
  }
  if (!plain && mail.ca.empty() && !table.is_faulty("ca")) {
    table.problem(table.place("ca"), "with TLS `ca` says who must have signed the certificate",
                  "alerts.mail-no-ca");
  }
  if (!mail.ca.empty()) check_file(table, "ca", mail.ca, Readers::anyone);
  if (mail.user.empty() != mail.password_file.empty()) {
    table.problem(table.place(mail.user.empty() ? "user" : "password_file"),
                  "user and password_file go together", "alerts.mail-half-a-login");
  }
  if (!mail.password_file.empty()) {
    check_file(table, "password_file", mail.password_file, Readers::owner);
  }
  if (mail.to.empty() && !table.is_faulty("to")) {
    table.problem(table.place("to"), "nobody would get these mails", "alerts.mail-to-nobody");
  }
  for (const std::string& each : mail.to) {
    if (is_mail_address(each)) continue;
    table.problem(table.place("to"), "\"" + each + "\" is no mail address", "alerts.mail-address");
  }
  if (!mail.from.empty() && !is_mail_address(mail.from)) {
    table.problem(table.place("from"), "this is no mail address", "alerts.mail-address");
  }
}

}  // namespace

void check_alerts(const Draft& draft) {
  if (draft.alerts.empty()) return;
  const TableReader& table = draft.alerts.front();
  const AlertSettings& alerts = draft.config.alerts;
  if (alerts.webhook) check_webhook(table.below("webhook"), *alerts.webhook);
  if (alerts.mail) check_mail(table.below("mail"), *alerts.mail);
}

}  // namespace veilroute::config
