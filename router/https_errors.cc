// What libcurl's error codes mean.
#include "router/https_errors.h"

#include <curl/curl.h>

#include <charconv>

namespace veilroute::router {

unsigned long openssl_code_in(std::string_view text) {
  constexpr std::string_view kMark = "error:";
  const std::size_t at = text.find(kMark);
  unsigned long code = 0;
  if (at == std::string_view::npos) return code;
  const char* const begin = text.data() + at + kMark.size();
  std::from_chars(begin, text.data() + text.size(), code, 16);
  return code;
}

Error network_error(const char* slug, const char* detail) {
  return make_error(ErrorKind::unavailable, slug, detail);
}

Error describe_curl(int code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return network_error("network.unknown-host", "the host name leads to no address");
    case CURLE_COULDNT_CONNECT:
      return network_error("network.unreachable", "nobody answers at this address and port");
    case CURLE_OPERATION_TIMEDOUT:
      return network_error("network.timeout", "the peer did not answer in time");
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
      return network_error("network.closed",
                           "the peer closed the connection before its answer's end");
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_SSL_CONNECT_ERROR:
      return network_error("network.lost", "the connection to the peer broke");
    case CURLE_PEER_FAILED_VERIFICATION:
      return network_error("tls.wrong-host", "the peer's certificate is for another host name");
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CRL_BADFILE:
      return make_error(ErrorKind::invalid, "tls.file-unreadable",
                        "a certificate, key or list of revoked certificates cannot be used");
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return network_error("http.malformed", "the peer's answer is not HTTP");
    default:
      return network_error("http.failed", curl_easy_strerror(static_cast<CURLcode>(code)));
  }
}

bool may_be_tls(int code) {
  return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CONNECT_ERROR ||
         code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR;
}

}  // namespace veilroute::router
