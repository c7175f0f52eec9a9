// One connection to the database file, and its statements. The only file that speaks to SQLite's C
// interface; everything above it says Result.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace veilroute::store::sqlite {

class Connection;

/// A prepared statement on loan from its connection; goes back, reset, when destroyed. A mistake in
/// binding shows at the first step. One thread.
class Statement {
 public:
  Statement(Connection& connection, std::string sql, sqlite3_stmt* handle)
      : connection_(&connection), sql_(std::move(sql)), handle_(handle) {}
  ~Statement();
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;

  /// The values of ?1, ?2, ... in order.
  template <typename... Values>
  Statement& bind(const Values&... values) {
    (put(values), ...);
    return *this;
  }

  /// True: a row is there. False: none is left.
  Result<bool> step();
  /// Runs to the end; rows are thrown away.
  Result<void> run();

  [[nodiscard]] std::int64_t i64(int column) const;
  [[nodiscard]] std::uint64_t u64(int column) const {
    return static_cast<std::uint64_t>(i64(column));
  }
  [[nodiscard]] std::uint32_t u32(int column) const {
    return static_cast<std::uint32_t>(i64(column));
  }
  [[nodiscard]] TimePoint time(int column) const { return from_micros(i64(column)); }
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] Bytes bytes(int column) const;
  [[nodiscard]] bool is_null(int column) const;
  /// Zero for anything that is not 32 bytes.
  [[nodiscard]] Digest digest(int column) const;

 private:
  template <typename Value>
  void put(const Value& value) {
    if constexpr (std::is_same_v<Value, std::nullptr_t>) {
      put_null();
    } else if constexpr (std::is_same_v<Value, TimePoint>) {
      put_integer(to_micros(value));
    } else if constexpr (std::is_enum_v<Value> || std::is_integral_v<Value>) {
      put_integer(static_cast<std::int64_t>(value));
    } else if constexpr (std::is_convertible_v<const Value&, std::string_view>) {
      put_text(value);
    } else if constexpr (std::is_convertible_v<const Value&, ByteView>) {
      put_bytes(value);
    } else if constexpr (requires { value.has_value(); }) {
      value ? put(*value) : put_null();
    } else {
      put(value.value);  // Strong<>
    }
  }
  void put_null();
  void put_integer(std::int64_t value);
  void put_text(std::string_view value);
  void put_bytes(ByteView value);
  void note(int code);

  Connection* connection_;
  std::string sql_;
  sqlite3_stmt* handle_;
  int next_ = 1;
  int failed_ = 0;
};

/// One thread at a time.
class Connection {
 public:
  enum class Use : std::uint8_t { write, read };
  /// Opens an existing file with the settings all our connections have. `refused`
  /// ("catalog.no-write-ahead-log") where SQLite cannot keep one.
  static Result<std::unique_ptr<Connection>> open(const std::filesystem::path& file, Use use);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Result<Statement> prepare(std::string_view sql);
  /// Prepare, bind and run to the end.
  template <typename... Values>
  Result<void> run(std::string_view sql, const Values&... values) {
    VR_TRY(Statement statement, prepare(sql));
    return statement.bind(values...).run();
  }
  /// Several statements without values: schema and settings.
  Result<void> script(std::string_view sql);
  /// The rows that the last statement changed.
  [[nodiscard]] std::uint64_t changes() const;
  /// False after SQLite took a whole transaction back by itself.
  [[nodiscard]] bool in_transaction() const;

 private:
  friend class Statement;
  explicit Connection(sqlite3* handle) : handle_(handle) {}
  Result<void> configure(Use use);
  Result<void> keep_write_ahead_log();

  sqlite3* handle_;
  std::multimap<std::string, sqlite3_stmt*, std::less<>> idle_;
};

}  // namespace veilroute::store::sqlite
