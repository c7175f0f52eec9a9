// HttpsClient on libcurl, which this file and https_errors.cc alone name (technology.md 2.4).
#include "router/https_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <ctime>
#include <utility>

#include "config/url.h"
#include "config/words.h"
#include "core/dicom/tls.h"
#include "core/dicom/tls_watch.h"
#include "router/https_errors.h"

namespace veilroute::router {
namespace {

constexpr std::size_t kLongestHead = 64U << 10U;
constexpr long kUploadBuffer = 256L << 10U;
/// Slower than this for as long as an answer may take is a peer that only pretends.
constexpr long kSlowestBytesPerSecond = 512;
/// A connection that rested for longer is not used again.
constexpr long kIdleConnectionSeconds = 30;

using Steady = std::chrono::steady_clock;

/// OpenSSL writes to a socket whose peer has gone without MSG_NOSIGNAL.
class NoSigpipe {
 public:
  NoSigpipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~NoSigpipe() {
    const timespec none{0, 0};
    const bool was_blocked = sigismember(&before_, SIGPIPE) == 1;
    while (!was_blocked && sigtimedwait(&pipe_, nullptr, &none) == SIGPIPE) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoSigpipe(const NoSigpipe&) = delete;
  NoSigpipe& operator=(const NoSigpipe&) = delete;

 private:
  sigset_t pipe_{};
  sigset_t before_{};
};

/// A list of headers; one may be a secret, and is wiped.
class Headers {
 public:
  void add(const std::string& line) { list_ = curl_slist_append(list_, line.c_str()); }
  void add_authorization(const Secret& value) {
    Bytes line;
    for (const char c : std::string_view("Authorization: ")) {
      line.push_back(static_cast<std::uint8_t>(c));
    }
    line.insert(line.end(), value.view().begin(), value.view().end());
    line.push_back(0);
    const Secret text(std::move(line));
    list_ = curl_slist_append(list_, reinterpret_cast<const char*>(text.view().data()));
  }
  Headers() = default;
  Headers(const Headers&) = delete;
  Headers& operator=(const Headers&) = delete;
  ~Headers() {
    for (curl_slist* at = list_; at != nullptr; at = at->next) {
      for (volatile char* c = at->data; *c != '\0'; ++c) *c = '\0';
    }
    curl_slist_free_all(list_);
  }
  [[nodiscard]] curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

}  // namespace

Result<std::size_t> SecretBody::read(std::span<std::uint8_t> out) {
  const ByteView rest = bytes_.view().subspan(at_);
  const std::size_t count = std::min(rest.size(), out.size());
  std::copy_n(rest.begin(), count, out.begin());
  at_ += count;
  return count;
}

Result<void> SecretBody::rewind() {
  at_ = 0;
  return {};
}

struct HttpsClient::State {
  explicit State(HttpsPeer its) : peer(std::move(its)), watch(peer.pin_sha256) {}
  ~State() { curl_easy_cleanup(curl); }

  /// Of one exchange.
  struct Exchange {
    RequestBody* body = nullptr;
    std::stop_token stop;
    std::uint64_t sent = 0;
    std::size_t head_bytes = 0;
    std::string answer;
    std::optional<Steady::time_point> deadline;  ///< once the request has left
    std::optional<Error> error;                  ///< ours, for which libcurl was told to end
    bool connected = false;                      ///< a TLS connection was begun in it
  };

  Result<void> set_up();
  template <typename Value>
  void set(CURLoption option, Value value) {
    if (curl_easy_setopt(curl, option, value) != CURLE_OK) accepted = false;
  }
  void set_tls();
  void set_callbacks();
  void set_request(const HttpsRequest& request, const Headers& headers);
  Result<HttpsAnswer> conclude(CURLcode code);
  Error error_of(CURLcode code) const;

  static std::size_t on_read(char* out, std::size_t size, std::size_t count, void* state);
  static int on_seek(void* state, curl_off_t offset, int origin);
  static std::size_t on_head(char* data, std::size_t size, std::size_t count, void* state);
  static std::size_t on_answer(char* data, std::size_t size, std::size_t count, void* state);
  static int on_progress(void* state, curl_off_t, curl_off_t, curl_off_t, curl_off_t);
  static CURLcode on_context(CURL*, void* context, void* state);

  HttpsPeer peer;
  dicom::TlsWatch watch;  // outlives the handle, whose connections tell it
  dicom::TlsFacts facts;
  bool encrypted = true;
  bool accepted = true;  ///< libcurl took every setting
  CURL* curl = nullptr;
  std::array<char, CURL_ERROR_SIZE> words{};
  Exchange now;
};

std::size_t HttpsClient::State::on_read(char* out, std::size_t size, std::size_t count,
                                        void* state) {
  Exchange& now = static_cast<State*>(state)->now;
  auto read = now.body->read({reinterpret_cast<std::uint8_t*>(out), size * count});
  if (!read.ok()) {
    now.error = std::move(read).error();
    return CURL_READFUNC_ABORT;
  }
  now.sent += *read;
  return *read;
}

int HttpsClient::State::on_seek(void* state, curl_off_t offset, int origin) {
  Exchange& now = static_cast<State*>(state)->now;
  if (offset != 0 || origin != SEEK_SET || now.body == nullptr) return CURL_SEEKFUNC_FAIL;
  if (auto begun = now.body->rewind(); !begun.ok()) {
    now.error = std::move(begun).error();
    return CURL_SEEKFUNC_FAIL;
  }
  now.sent = 0;
  return CURL_SEEKFUNC_OK;
}

std::size_t HttpsClient::State::on_head(char*, std::size_t size, std::size_t count, void* state) {
  Exchange& now = static_cast<State*>(state)->now;
  now.head_bytes += size * count;
  if (now.head_bytes <= kLongestHead) return size * count;
  now.error = network_error("http.malformed", "the head of the peer's answer has no end");
  return 0;
}

std::size_t HttpsClient::State::on_answer(char* data, std::size_t size, std::size_t count,
                                          void* state) {
  Exchange& now = static_cast<State*>(state)->now;
  if (now.answer.size() + size * count <= kLongestAnswer) {
    now.answer.append(data, size * count);
    return size * count;
  }
  now.error = network_error("http.answer-too-long", "the peer's answer is longer than 1 MiB");
  return 0;
}

/// Called at least once a second.
int HttpsClient::State::on_progress(void* state, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  auto& self = *static_cast<State*>(state);
  Exchange& now = self.now;
  if (now.stop.stop_requested()) {
    now.error = network_error("network.stopped", "the node is stopping");
    return 1;
  }
  const bool whole = now.body == nullptr || now.sent == now.body->size_bytes();
  if (!whole) {
    now.deadline.reset();
    return 0;
  }
  if (!now.deadline) {
    const auto more =
        now.body == nullptr ? self.peer.connect_timeout : std::chrono::milliseconds(0);
    now.deadline = Steady::now() + self.peer.answer_timeout + more;
  }
  if (Steady::now() < *now.deadline) return 0;
  now.error = describe_curl(CURLE_OPERATION_TIMEDOUT);
  return 1;
}

CURLcode HttpsClient::State::on_context(CURL*, void* context, void* state) {
  auto& self = *static_cast<State*>(state);
  self.now.connected = true;
  return self.watch.guard(static_cast<ssl_ctx_st*>(context)) ? CURLE_OK : CURLE_SSL_CIPHER;
}

Result<void> HttpsClient::State::set_up() {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  curl = ready == CURLE_OK ? curl_easy_init() : nullptr;
  if (curl == nullptr) {
    return make_error(ErrorKind::exhausted, "http.failed", "no memory for a connection");
  }
  set(CURLOPT_PROTOCOLS_STR, encrypted ? "https" : "http");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_PROXY, "");  // else one of the environment
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(peer.connect_timeout.count()));
  set(CURLOPT_LOW_SPEED_LIMIT, kSlowestBytesPerSecond);
  const auto patience = std::chrono::ceil<std::chrono::seconds>(peer.answer_timeout);
  set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(patience.count()));
  set(CURLOPT_MAXCONNECTS, 1L);
  set(CURLOPT_MAXAGE_CONN, kIdleConnectionSeconds);
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_UPLOAD_BUFFERSIZE, kUploadBuffer);
  set(CURLOPT_ERRORBUFFER, words.data());
  set_callbacks();
  if (encrypted) set_tls();
  if (accepted) return {};
  return make_error(ErrorKind::internal, "http.failed", "libcurl refuses our settings");
}

void HttpsClient::State::set_tls() {
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  set(CURLOPT_CAINFO, peer.ca.c_str());
  set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));  // else the system's as well
  set(CURLOPT_CA_CACHE_TIMEOUT, 0L);  // else a CA that was taken away is trusted for another day
  set(CURLOPT_SSL_SESSIONID_CACHE, 0L);
  if (!peer.cert.empty()) set(CURLOPT_SSLCERT, peer.cert.c_str());
  if (!peer.key.empty()) set(CURLOPT_SSLKEY, peer.key.c_str());
  if (!peer.crl.empty()) set(CURLOPT_CRLFILE, peer.crl.c_str());
  set(CURLOPT_SSL_CTX_FUNCTION, &State::on_context);
  set(CURLOPT_SSL_CTX_DATA, static_cast<void*>(this));
}

void HttpsClient::State::set_callbacks() {
  void* const self = this;
  set(CURLOPT_READFUNCTION, &State::on_read);
  set(CURLOPT_READDATA, self);
  set(CURLOPT_SEEKFUNCTION, &State::on_seek);
  set(CURLOPT_SEEKDATA, self);
  set(CURLOPT_HEADERFUNCTION, &State::on_head);
  set(CURLOPT_HEADERDATA, self);
  set(CURLOPT_WRITEFUNCTION, &State::on_answer);
  set(CURLOPT_WRITEDATA, self);
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, &State::on_progress);
  set(CURLOPT_XFERINFODATA, self);
}

void HttpsClient::State::set_request(const HttpsRequest& request, const Headers& headers) {
  const std::string url = peer.url + request.path;  // libcurl keeps a copy
  set(CURLOPT_URL, url.c_str());
  set(CURLOPT_HTTPHEADER, headers.get());
  if (request.body == nullptr) {
    set(CURLOPT_HTTPGET, 1L);
  } else {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDS, static_cast<const char*>(nullptr));  // by on_read
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body->size_bytes()));
  }
}

Error HttpsClient::State::error_of(CURLcode code) const {
  if (now.error) return *now.error;
  if (encrypted && may_be_tls(code)) {
    if (auto trouble = watch.trouble(openssl_code_in(words.data()))) return *std::move(trouble);
  }
  return describe_curl(code);
}

Result<HttpsAnswer> HttpsClient::State::conclude(CURLcode code) {
  curl_off_t reached = 0;
  curl_easy_getinfo(curl, CURLINFO_PRETRANSFER_TIME_T, &reached);
  facts = now.connected || reached > 0 ? watch.facts() : dicom::TlsFacts{};
  HttpsAnswer answer;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
  const bool says_no = answer.status >= 400;
  // Whoever says no often closes at once, without reading our body to its end.
  if (code != CURLE_OK && (!says_no || now.error)) return error_of(code);
  answer.whole = code == CURLE_OK;
  answer.all_was_sent = now.body == nullptr || now.sent == now.body->size_bytes();
  if (answer.whole) answer.body = std::move(now.answer);
  answer.reached = std::chrono::milliseconds(now.connected ? reached / 1000 : 0);
  curl_off_t seconds = 0;
  curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &seconds);
  if (seconds > 0) answer.retry_after = std::chrono::seconds(seconds);
  return answer;
}

HttpsClient::HttpsClient(std::unique_ptr<State> state) : state_(std::move(state)) {}
HttpsClient::~HttpsClient() = default;

Result<std::unique_ptr<HttpsClient>> HttpsClient::open(HttpsPeer peer) {
  const auto url = config::parse_url(peer.url);
  if (!url) return make_error(ErrorKind::invalid, "http.failed", "the URL cannot be used");
  if (!url->encrypted && !config::is_loopback(url->address.host)) {
    return make_error(ErrorKind::refused, "sender.tls-required",
                      "a server on another machine needs https");
  }
  while (peer.url.ends_with('/')) peer.url.pop_back();
  auto state = std::make_unique<State>(std::move(peer));
  state->encrypted = url->encrypted;
  if (url->encrypted) {
    // Mistakes in the files show here, in our words.
    VR_TRY(dicom::TlsContext::open(dicom::TlsContext::Side::sender,
                                   {state->peer.cert, state->peer.key, state->peer.ca}));
  }
  VR_TRY(state->set_up());
  return std::unique_ptr<HttpsClient>(new HttpsClient(std::move(state)));
}

Result<HttpsAnswer> HttpsClient::request(const HttpsRequest& request, const std::stop_token& stop) {
  State& state = *state_;
  Headers headers;
  for (const std::string& line : request.headers) headers.add(line);
  headers.add("Expect:");  // else up to a second is lost waiting for "100 Continue"
  if (request.authorization != nullptr) headers.add_authorization(*request.authorization);
  state.now = {};
  state.now.body = request.body;
  state.now.stop = stop;
  state.words.fill('\0');
  state.set_request(request, headers);
  const NoSigpipe quiet;
  const CURLcode code = curl_easy_perform(state.curl);
  Result<HttpsAnswer> answer = state.conclude(code);
  // It must not point to what is gone.
  curl_easy_setopt(state.curl, CURLOPT_HTTPHEADER, static_cast<curl_slist*>(nullptr));
  state.now.body = nullptr;
  return answer;
}

const dicom::TlsFacts& HttpsClient::tls() const { return state_->facts; }

}  // namespace veilroute::router
