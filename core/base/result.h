// The one way to fail. A function that can fail returns Result<T>; VR_TRY passes a failure on.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace veilroute {

/// What kind of failure this is: decides what a peer is told (scp/status.cc), what becomes of a
/// transfer (router/send.cc) and the exit code of the command line (app/main.cc).
enum class ErrorKind : std::uint8_t {
  invalid,      ///< what we were given cannot be read or used
  refused,      ///< somebody says no: a source not admitted, a receiver, a gate
  unavailable,  ///< a connection lost, a receiver busy: worth another try
  exhausted,    ///< a disk, a quota or a limit is full: worth another try
  corrupt,      ///< a digest or a seal does not agree
  internal,     ///< our own bug
};

/// The stable word for a kind, as written in logs and JSON ("invalid", ...).
std::string_view to_string(ErrorKind kind);

/// A failure as a value. `slug` is stable and dotted ("route.unknown-profile"), for machines;
/// `detail` is for people and made of our own ids, tags, counts, codes and places only:
/// never an attribute value, an outside UID, or a name chosen by a sender.
struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string slug;
  std::string detail;

  /// "detail [slug]", one line.
  [[nodiscard]] std::string text() const { return detail + " [" + slug + "]"; }
};

inline Error make_error(ErrorKind kind, std::string slug, std::string detail) {
  return Error{kind, std::move(slug), std::move(detail)};
}

/// Ends the process: an invariant of ours is broken and going on could lose or leak. A restart is
/// safe, since all state is on disk.
[[noreturn]] void die(std::string_view why);

/// Either a T or an Error. Reading the wrong one ends the process.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return ok() ? std::get<0>(state_) : (die(error().text()), std::get<0>(state_)); }
  const T& value() const& {
    return ok() ? std::get<0>(state_) : (die(error().text()), std::get<0>(state_));
  }
  T&& value() && { return std::move(value()); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(value()); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  [[nodiscard]] const Error& error() const& { return std::get<1>(state_); }
  [[nodiscard]] Error&& error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit

  [[nodiscard]] bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  void value() const {
    if (error_) die(error_->text());
  }
  [[nodiscard]] const Error& error() const& { return *error_; }
  [[nodiscard]] Error&& error() && { return std::move(*error_); }

 private:
  std::optional<Error> error_;
};

}  // namespace veilroute

#define VR_CONCAT_INNER(a, b) a##b
#define VR_CONCAT(a, b) VR_CONCAT_INNER(a, b)

// A declaration cannot stand in parentheses. NOLINTBEGIN(bugprone-macro-parentheses)

/// VR_TRY(expression);             returns the Error if it failed
/// VR_TRY(const X x, expression);  also names the value
#define VR_TRY_1(expression)                                                  \
  do {                                                                        \
    if (auto vr_outcome = (expression); !vr_outcome.ok()) {                   \
      return std::move(vr_outcome).error();                                   \
    }                                                                         \
  } while (false)
#define VR_TRY_2_NAMED(holder, declaration, expression)          \
  auto holder = (expression);                                    \
  if (!(holder).ok()) return std::move(holder).error();          \
  declaration = std::move(holder).value()
#define VR_TRY_2(declaration, ...) \
  VR_TRY_2_NAMED(VR_CONCAT(vr_result_, __LINE__), declaration, (__VA_ARGS__))
#define VR_TRY_PICK(_1, _2, _3, _4, _5, _6, _7, _8, NAME, ...) NAME
#define VR_TRY(...)                                                                              \
  VR_TRY_PICK(__VA_ARGS__, VR_TRY_2, VR_TRY_2, VR_TRY_2, VR_TRY_2, VR_TRY_2, VR_TRY_2, VR_TRY_2, \
              VR_TRY_1)(__VA_ARGS__)
// NOLINTEND(bugprone-macro-parentheses)
