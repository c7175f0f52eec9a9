// BearerToken: from a file, or by OAuth 2.0 client credentials.
#include "router/bearer_token.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/crypto.h"
#include "core/base/files.h"
#include "core/base/log.h"
#include "router/bounded_json.h"

namespace veilroute::router {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::uint64_t kLongestToken = 64U << 10U;
constexpr std::chrono::seconds kRenewBefore{60};
/// Of a token whose server does not say how long it holds.
constexpr std::chrono::seconds kUsualLife{300};
constexpr std::chrono::seconds kLongestLife = std::chrono::hours(24);

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::string_view without_space(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

Error unreadable_token(const char* what) {
  return make_error(ErrorKind::invalid, "http.token-unreadable", what);
}

/// A file's whole content, as a secret; the mode is looked at each time, as config/check_files.cc
/// does.
Result<Secret> read_secret(const std::filesystem::path& path) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0)
    return unreadable_token("the file of a secret is not there");
  if ((facts.st_mode & (S_IRWXO | S_IWGRP | S_IXGRP)) != 0) {
    return make_error(ErrorKind::invalid, "http.token-exposed",
                      "others can read or change the file of a secret; chmod 600 closes it");
  }
  auto text = read_text_file(path, kLongestToken);
  if (!text.ok()) return unreadable_token("the file of a secret cannot be read");
  const ByteView bytes = as_bytes(without_space(*text));
  Secret secret(Bytes(bytes.begin(), bytes.end()));
  std::fill(text->begin(), text->end(), '\0');
  return secret;
}

std::string_view text_of(const Secret& secret) { return as_text(secret.view()); }

/// application/x-www-form-urlencoded, as RFC 6749 2.3.1 wants even before Basic.
void append_form(Bytes& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (is_word(c) || c == '-' || c == '.' || c == '_' || c == '*') {
      out.push_back(byte);
    } else {
      for (const char d : {'%', kHex[byte >> 4U], kHex[byte & 15U]}) {
        out.push_back(static_cast<std::uint8_t>(d));
      }
    }
  }
}

void append_text(Bytes& out, std::string_view text) {
  const ByteView bytes = as_bytes(text);
  out.insert(out.end(), bytes.begin(), bytes.end());
}

void append_base64(Bytes& out, ByteView bytes) {
  std::string text = crypto::base64(bytes);
  append_text(out, text);
  std::fill(text.begin(), text.end(), '\0');
}

class FileToken final : public BearerToken {
 public:
  explicit FileToken(std::filesystem::path path) : path_(std::move(path)) {}

  Result<const Secret*> current(const std::stop_token&) override {
    const auto mark = mark_now();
    if (!token_.empty() && mark == mark_) return &token_;
    VR_TRY(const Secret text, read_secret(path_));
    VR_TRY(token_, bearer_of(text_of(text)));
    mark_ = mark;
    return &token_;
  }
  bool renew() override { return mark_now() != mark_; }

 private:
  /// What tells that the file was changed or replaced.
  [[nodiscard]] std::array<std::int64_t, 5> mark_now() const {
    struct stat facts {};
    if (::stat(path_.c_str(), &facts) != 0) return {};
    return {static_cast<std::int64_t>(facts.st_ino), facts.st_size, facts.st_mtim.tv_sec,
            facts.st_mtim.tv_nsec, static_cast<std::int64_t>(facts.st_mode)};
  }

  std::filesystem::path path_;
  std::array<std::int64_t, 5> mark_{};
  Secret token_;
};

class ClientCredentials final : public BearerToken {
 public:
  ClientCredentials(config::OAuthSettings settings, std::unique_ptr<HttpsClient> client)
      : settings_(std::move(settings)), client_(std::move(client)) {}

  Result<const Secret*> current(const std::stop_token& stop) override {
    if (token_.empty() || Steady::now() >= renew_at_) VR_TRY(fetch(stop));
    return &token_;
  }
  bool renew() override {
    token_ = Secret();
    return true;
  }

 private:
  /// "Basic ..." of the client's name and secret.
  Result<Secret> credentials() const {
    VR_TRY(const Secret secret, read_secret(settings_.client_secret_file));
    Bytes pair;
    append_form(pair, settings_.client_id);
    append_text(pair, ":");
    append_form(pair, text_of(secret));
    const Secret kept(std::move(pair));
    Bytes line;
    line.reserve(8 + kept.view().size() * 2);
    append_text(line, "Basic ");
    append_base64(line, kept.view());
    return Secret(std::move(line));
  }

  Result<void> fetch(const std::stop_token& stop) {
    VR_TRY(const Secret basic, credentials());
    Bytes form;
    append_text(form, "grant_type=client_credentials");
    if (!settings_.scope.empty()) {
      append_text(form, "&scope=");
      append_form(form, settings_.scope);
    }
    SecretBody body{Secret(std::move(form))};
    HttpsRequest request;
    request.headers = {"Accept: application/json",
                       "Content-Type: application/x-www-form-urlencoded"};
    request.authorization = &basic;
    request.body = &body;
    auto answer = client_->request(request, stop);
    if (!answer.ok()) return unreachable(answer.error());
    const Result<void> taken = take(*answer);
    std::fill(answer->body.begin(), answer->body.end(), '\0');
    return taken;
  }

  /// Whose fault it is must not be mistaken: it is not the receiver that cannot be reached.
  static Error unreachable(const Error& error) {
    if (error.slug == "network.stopped") return error;
    log::warn("token.not-fetched", {log::Field::text("slug", error.slug)});
    return make_error(ErrorKind::unavailable, "http.token-unreachable",
                      "the server that gives tokens cannot be reached: " + error.detail);
  }

  Result<void> take(const HttpsAnswer& answer) {
    if (answer.status >= 400 && answer.status < 500) {
      return make_error(ErrorKind::unavailable, "http.token-refused",
                        "the server that gives tokens says HTTP " + std::to_string(answer.status));
    }
    if (answer.status != 200) {
      return make_error(ErrorKind::unavailable, "http.token-unreachable",
                        "the server that gives tokens says HTTP " + std::to_string(answer.status));
    }
    const auto parsed = parse_json(answer.body);
    const bool has = parsed && parsed->is_object() && parsed->contains("access_token") &&
                     (*parsed)["access_token"].is_string();
    if (!has) return unreadable_token("the server that gives tokens sent an answer without one");
    VR_TRY(token_, bearer_of((*parsed)["access_token"].get_ref<const std::string&>()));
    std::chrono::seconds life = kUsualLife;
    if (const auto told = parsed->find("expires_in"); told != parsed->end() && told->is_number()) {
      const auto seconds = std::clamp(told->get<double>(), 0.0, 86400.0);
      life = std::min(std::chrono::seconds(static_cast<std::int64_t>(seconds)), kLongestLife);
    }
    renew_at_ = Steady::now() + std::max(life - kRenewBefore, life / 2);
    return {};
  }

  config::OAuthSettings settings_;
  std::unique_ptr<HttpsClient> client_;
  Secret token_;
  Steady::time_point renew_at_{};
};

}  // namespace

Result<Secret> bearer_of(std::string_view token) {
  token = without_space(token);
  const bool good = !token.empty() && std::all_of(token.begin(), token.end(), [](char c) {
    return is_word(c) || std::string_view("-._~+/=").find(c) != std::string_view::npos;
  });
  if (!good)
    return unreadable_token("a bearer token was expected: one word of letters, digits and -._~+/=");
  Bytes line;
  line.reserve(7 + token.size());
  append_text(line, "Bearer ");
  append_text(line, token);
  return Secret(std::move(line));
}

Result<std::unique_ptr<BearerToken>> BearerToken::open(const config::Destination& destination) {
  std::unique_ptr<BearerToken> none;
  if (!destination.stow) return none;
  if (!destination.stow->token_file.empty()) {
    return std::unique_ptr<BearerToken>(std::make_unique<FileToken>(destination.stow->token_file));
  }
  if (!destination.stow->oauth) return none;
  const config::OAuthSettings& oauth = *destination.stow->oauth;
  HttpsPeer peer;
  peer.url = oauth.token_url;
  peer.ca = oauth.ca;
  peer.connect_timeout = destination.connect_timeout;
  peer.answer_timeout = destination.answer_timeout;
  VR_TRY(std::unique_ptr<HttpsClient> client, HttpsClient::open(std::move(peer)));
  return std::unique_ptr<BearerToken>(
      std::make_unique<ClientCredentials>(oauth, std::move(client)));
}

}  // namespace veilroute::router
