#include "app/watch/mail.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "app/watch/secret_line.h"
#include "config/words.h"
#include "core/base/crypto.h"

namespace veilroute::app {
namespace {

using config::MailSettings;

constexpr long kConnectSeconds = 15, kWholeSeconds = 60;

using Curl = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using List = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

/// Line feeds would begin a header of their own.
std::string header_text(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n'; }, ' ');
  const bool ascii = std::all_of(text.begin(), text.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  return ascii ? text : "=?UTF-8?B?" + crypto::base64(as_bytes(text)) + "?=";
}

/// "Sat, 28 Nov 2026 08:15:00 +0000", whatever the locale.
std::string mail_date(TimePoint at) {
  static constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed",
                                                       "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::string clock = to_text(at).substr(11, 8);
  const unsigned month = static_cast<unsigned>(date.month());
  return std::string(kDays.at(std::chrono::weekday(day).c_encoding())) + ", " +
         std::to_string(static_cast<unsigned>(date.day())) + ' ' + kMonths.at(month - 1) + ' ' +
         std::to_string(static_cast<int>(date.year())) + ' ' + clock + " +0000";
}

struct Outgoing {
  std::string_view rest;
};

std::size_t give_bytes(char* out, std::size_t size, std::size_t count, void* from) {
  auto& message = *static_cast<Outgoing*>(from);
  const std::size_t some = std::min(size * count, message.rest.size());
  std::memcpy(out, message.rest.data(), some);
  message.rest.remove_prefix(some);
  return some;
}

int check_stop(void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::stop_token*>(stop)->stop_requested() ? 1 : 0;
}

/// `answered`: the last code that the server gave, 0 before it spoke.
Error error_of(CURLcode code, long answered) {
  const auto error = [](const char* slug, const char* words) {
    return make_error(ErrorKind::unavailable, slug, words);
  };
  constexpr long kFirstRefusal = 400;
  if (answered >= kFirstRefusal) {
    return error("mail.refused", "the mail server does not take the message, or not from us");
  }
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return error("network.unknown-host", "the mail server's name is not known");
    case CURLE_COULDNT_CONNECT:
      return error("network.unreachable", "nobody takes mail there");
    case CURLE_OPERATION_TIMEDOUT:
      return error("network.timeout", "the mail server took too long");
    case CURLE_ABORTED_BY_CALLBACK:
      return error("network.stopped", "the node is stopping");
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_USE_SSL_FAILED:
      return error("tls.handshake-failed",
                   "the mail server offers no TLS, or its certificate is not one that `ca` signed "
                   "for this name");
    case CURLE_LOGIN_DENIED:
      return error("mail.refused", "the mail server does not take user and password");
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
      return error("network.closed", "the mail server closed the connection");
    default:
      return error("mail.refused", "the mail server did not take the message");
  }
}

std::string url_of(const MailSettings& settings) {
  const bool from_the_start = settings.security == MailSettings::Security::tls;
  const bool is_ipv6 = settings.address.host.find(':') != std::string::npos;
  const std::string host = is_ipv6 ? "[" + settings.address.host + "]" : settings.address.host;
  return (from_the_start ? "smtps://" : "smtp://") + host + ":" +
         std::to_string(settings.address.port);
}

void set_security(CURL* curl, const MailSettings& settings) {
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  if (settings.security == MailSettings::Security::none) return;
  curl_easy_setopt(curl, CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(curl, CURLOPT_CAINFO, settings.ca.c_str());
  curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
}

}  // namespace

std::string mail_message(const MailSettings& settings, const std::string& subject,
                         const std::string& text, TimePoint at, const std::string& id) {
  std::string to;
  for (const std::string& each : settings.to) to += (to.empty() ? "" : ", ") + header_text(each);
  std::string message = "Date: " + mail_date(at) + "\r\nFrom: " + header_text(settings.from) +
                        "\r\nTo: " + to + "\r\nSubject: " + header_text(subject) +
                        "\r\nMessage-ID: <" + id + "@veilroute.invalid>" +
                        "\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0"
                        "\r\nContent-Type: text/plain; charset=utf-8"
                        "\r\nContent-Transfer-Encoding: 8bit\r\n\r\n";
  for (const char c : text) {
    if (c == '\n') message += '\r';
    message += c;
  }
  return message;
}

Result<void> send_mail(const MailSettings& settings, const std::string& message,
                       const std::stop_token& stop) {
  if (settings.security == MailSettings::Security::none &&
      !config::is_loopback(settings.address.host)) {
    return make_error(ErrorKind::refused, "mail.tls-required",
                      "mail to another machine goes over TLS alone");
  }
  std::string password;
  if (!settings.password_file.empty()) {
    VR_TRY(password, read_secret_line(settings.password_file, "mail.no-password"));
  }
  const Curl curl(curl_easy_init(), &curl_easy_cleanup);
  if (!curl) return make_error(ErrorKind::internal, "mail.refused", "no memory for a mail");
  List recipients(nullptr, &curl_slist_free_all);
  for (const std::string& each : settings.to) {
    recipients.reset(curl_slist_append(recipients.release(), each.c_str()));
  }
  Outgoing outgoing{message};
  curl_easy_setopt(curl.get(), CURLOPT_URL, url_of(settings).c_str());
  set_security(curl.get(), settings);
  if (!settings.user.empty()) {
    curl_easy_setopt(curl.get(), CURLOPT_USERNAME, settings.user.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_PASSWORD, password.c_str());
  }
  curl_easy_setopt(curl.get(), CURLOPT_MAIL_FROM, settings.from.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_MAIL_RCPT, recipients.get());
  curl_easy_setopt(curl.get(), CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_READFUNCTION, &give_bytes);
  curl_easy_setopt(curl.get(), CURLOPT_READDATA, &outgoing);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, kWholeSeconds);
  curl_easy_setopt(curl.get(), CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFOFUNCTION, &check_stop);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFODATA, &stop);
  const CURLcode code = curl_easy_perform(curl.get());
  if (code == CURLE_OK) return {};
  long answered = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &answered);
  return error_of(code, answered);
}

}  // namespace veilroute::app
