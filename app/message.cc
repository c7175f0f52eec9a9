#include "app/message.h"

#include <string.h>  // explicit_bzero is glibc's, not the C++ library's
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace veilroute::app {
namespace {

constexpr std::size_t kPrefixBytes = 4;

Error lost(const char* what) {
  return make_error(ErrorKind::unavailable, "control.lost",
                    std::string("the connection with the node was lost while ") + what);
}

/// The first bytes carry the descriptor (unix(7): ancillary data needs at least one byte).
Result<std::size_t> send_first(int socket, ByteView bytes, int descriptor) {
  iovec part{const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  if (descriptor >= 0) {
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    cmsghdr* rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(rights), &descriptor, sizeof(int));
  }
  for (;;) {
    const ssize_t sent = ::sendmsg(socket, &header, MSG_NOSIGNAL);
    if (sent >= 0) return static_cast<std::size_t>(sent);
    if (errno != EINTR) return lost("sending");
  }
}

Result<void> send_all(int socket, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return lost("sending");
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  return {};
}

/// Every descriptor the kernel gave us must be closed or kept; more than one is not ours to want.
void take_descriptors(msghdr& header, Descriptor& out) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int value = -1;
      std::memcpy(&value, CMSG_DATA(part) + i * sizeof(int), sizeof(int));
      out = Descriptor(value);
    }
  }
}

/// Fills `out`; false when the other end closed before its first byte.
Result<bool> receive_exactly(int socket, std::span<std::uint8_t> out, Descriptor& descriptor) {
  constexpr std::size_t kMostDescriptors = 4;
  std::size_t done = 0;
  while (done < out.size()) {
    iovec part{out.data() + done, out.size() - done};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(kMostDescriptors * sizeof(int))> control{};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    const ssize_t count = ::recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return lost("waiting for it");
    take_descriptors(header, descriptor);
    if (count == 0 && done == 0) return false;
    if (count == 0) return lost("reading a message");
    done += static_cast<std::size_t>(count);
  }
  return true;
}

}  // namespace

Result<json> parse_json(std::string_view text) {
  bool too_deep = false;
  const auto guard = [&too_deep](int depth, json::parse_event_t, json&) {
    if (depth > kDeepestJson) {
      too_deep = true;
      // The parser's only way to stop early; caught six lines below.
      throw std::length_error("nesting");
    }
    return true;
  };
  try {
    return json::parse(text.begin(), text.end(), guard);
  } catch (const std::exception&) {
    return make_error(ErrorKind::invalid, "json.unreadable",
                      too_deep ? "the JSON text nests too deep" : "the text is not JSON");
  }
}

Result<void> send_message(int socket, const json& body, int descriptor) {
  // Bytes that are not UTF-8 become U+FFFD: names from outside must not stop an answer.
  std::string text = body.dump(-1, ' ', false, json::error_handler_t::replace);
  if (text.size() > kMostAnswerBytes) {
    return make_error(ErrorKind::exhausted, "control.message-too-long",
                      "the answer is too long; ask for less at once");
  }
  // Pseudonym rows cross here with their secrets: no copy of a message outlives its sending.
  Secret frame(kPrefixBytes + text.size());
  for (std::size_t i = 0; i < kPrefixBytes; ++i) {
    frame.span()[i] = static_cast<std::uint8_t>(text.size() >> (8U * (kPrefixBytes - 1 - i)));
  }
  std::memcpy(frame.span().data() + kPrefixBytes, text.data(), text.size());
  ::explicit_bzero(text.data(), text.size());
  VR_TRY(const std::size_t sent, send_first(socket, frame.view(), descriptor));
  return send_all(socket, frame.view().subspan(sent));
}

Result<std::optional<Message>> receive_message(int socket, std::uint32_t longest_bytes) {
  Message message;
  std::array<std::uint8_t, kPrefixBytes> prefix{};
  VR_TRY(const bool more, receive_exactly(socket, prefix, message.descriptor));
  if (!more) return std::optional<Message>();
  std::uint32_t size = 0;
  for (const std::uint8_t byte : prefix) size = (size << 8U) | byte;
  if (size > longest_bytes) {
    return make_error(ErrorKind::exhausted, "control.message-too-long",
                      "a message on the control socket is longer than it may be");
  }
  Secret text(size);
  VR_TRY(const bool whole, receive_exactly(socket, text.span(), message.descriptor));
  if (!whole && size > 0) return lost("reading a message");
  VR_TRY(message.body, parse_json(as_text(text.view())));
  return std::optional<Message>(std::move(message));
}

void wipe(json& body) {
  if (body.is_string()) {
    auto& text = body.get_ref<std::string&>();
    ::explicit_bzero(text.data(), text.size());
  } else if (body.is_structured()) {
    for (json& part : body) wipe(part);
  }
}

json to_json(const Error& error) {
  return {{"kind", std::string(to_string(error.kind))},
          {"slug", error.slug},
          {"detail", error.detail}};
}

Error error_of(const json& body) {
  constexpr ErrorKind kKinds[] = {ErrorKind::invalid,   ErrorKind::refused, ErrorKind::unavailable,
                                  ErrorKind::exhausted, ErrorKind::corrupt, ErrorKind::internal};
  Error error = make_error(ErrorKind::internal, "control.unreadable-answer",
                           "the node's answer cannot be understood");
  if (!body.is_object() || !body.contains("kind") || !body.contains("slug")) return error;
  const std::string kind = body.value("kind", "");
  for (const ErrorKind candidate : kKinds) {
    if (kind == to_string(candidate)) error.kind = candidate;
  }
  error.slug = body.value("slug", "");
  error.detail = body.value("detail", "");
  return error;
}

}  // namespace veilroute::app
