#include "config/build_watch.h"

#include <algorithm>

#include "config/words.h"

namespace veilroute::config {
namespace {

MailSettings build_mail(const TableReader& table) {
  using Security = MailSettings::Security;
  MailSettings mail;
  mail.address = {table.text("host"), static_cast<std::uint16_t>(table.number("port"))};
  const std::string security = table.text("security");
  if (security == "tls") mail.security = Security::tls;
  if (security == "none") mail.security = Security::none;
  mail.ca = table.path("ca");
  mail.user = table.text("user");
  mail.password_file = table.path("password_file");
  mail.from = table.text("from");
  const std::string to = table.text("to");
  std::string_view rest = to;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    std::string_view one = rest.substr(0, end);
    while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
    while (!one.empty() && one.back() == ' ') one.remove_suffix(1);
    if (!one.empty()) mail.to.emplace_back(one);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return mail;
}

}  // namespace

MonitorSettings build_monitor(const TableReader& table) {
  MonitorSettings settings;
  if (table.has("bind")) settings.bind = parse_endpoint(table.text("bind"));
  settings.cert = table.path("cert");
  settings.key = table.path("key");
  settings.token_file = table.path("token_file");
  return settings;
}

AlertSettings build_alerts(const TableReader& table) {
  AlertSettings settings;
  settings.digest = table.duration("digest");
  settings.remind = table.duration("remind");
  if (table.has("webhook")) {
    const TableReader webhook = table.below("webhook");
    settings.webhook =
        WebhookSettings{webhook.text("url"), webhook.path("ca"), webhook.path("token_file")};
  }
  if (table.has("mail")) settings.mail = build_mail(table.below("mail"));
  return settings;
}

}  // namespace veilroute::config
