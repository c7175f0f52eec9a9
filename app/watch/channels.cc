// The ways to people: a webhook over HTTPS, and mail.
#include "app/watch/mail.h"
#include "app/watch/secret_line.h"
#include "app/watch/watch.h"
#include "core/base/crypto.h"
#include "router/https_client.h"

namespace veilroute::app {
namespace {

std::string new_message_id() {
  std::array<std::uint8_t, 16> random{};
  crypto::random_fill(random);
  return to_hex(random);
}

/// POSTs the bulletin as JSON.
class Webhook final : public AlertChannel {
 public:
  Webhook(std::string site, std::unique_ptr<router::HttpsClient> client,
          std::filesystem::path token_file)
      : site_(std::move(site)), client_(std::move(client)), token_file_(std::move(token_file)) {}

  [[nodiscard]] std::string name() const override { return "webhook"; }

  Result<void> tell(const Bulletin& bulletin, TimePoint at, const std::stop_token& stop) override {
    const std::string text = json_of(bulletin, site_, at).dump();
    router::SecretBody body{Secret(Bytes(text.begin(), text.end()))};
    router::HttpsRequest request;
    request.headers = {"Content-Type: application/json"};
    request.body = &body;
    VR_TRY(const Secret token, authorization());
    if (!token_file_.empty()) request.authorization = &token;
    VR_TRY(const router::HttpsAnswer answer, client_->request(request, stop));
    if (answer.status >= 200 && answer.status < 300) return {};
    return make_error(ErrorKind::unavailable, "alert.refused",
                      "the webhook answered with status " + std::to_string(answer.status));
  }

 private:
  /// Read anew: a token is changed without a restart.
  Result<Secret> authorization() const {
    if (token_file_.empty()) return Secret();
    VR_TRY(const std::string text, read_secret_line(token_file_, "alert.no-token"));
    const std::string header = "Bearer " + text;
    return Secret(Bytes(header.begin(), header.end()));
  }

  std::string site_;
  std::unique_ptr<router::HttpsClient> client_;
  std::filesystem::path token_file_;
};

class Mail final : public AlertChannel {
 public:
  Mail(std::string site, config::MailSettings settings)
      : site_(std::move(site)), settings_(std::move(settings)) {}

  [[nodiscard]] std::string name() const override { return "mail"; }

  Result<void> tell(const Bulletin& bulletin, TimePoint at, const std::stop_token& stop) override {
    const std::string message = mail_message(settings_, subject_of(bulletin, site_),
                                             text_of(bulletin, site_, at), at, new_message_id());
    return send_mail(settings_, message, stop);
  }

 private:
  std::string site_;
  config::MailSettings settings_;
};

}  // namespace

Result<std::vector<std::unique_ptr<AlertChannel>>> open_channels(const config::Config& config) {
  std::vector<std::unique_ptr<AlertChannel>> channels;
  const config::AlertSettings& alerts = config.alerts;
  if (alerts.webhook) {
    router::HttpsPeer peer;
    peer.url = alerts.webhook->url;
    peer.ca = alerts.webhook->ca;
    VR_TRY(auto client, router::HttpsClient::open(std::move(peer)));
    channels.push_back(
        std::make_unique<Webhook>(config.site.name, std::move(client), alerts.webhook->token_file));
  }
  if (alerts.mail) channels.push_back(std::make_unique<Mail>(config.site.name, *alerts.mail));
  return channels;
}

}  // namespace veilroute::app
