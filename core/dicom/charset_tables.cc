// The only place that names iconv.
#include "core/dicom/charset_tables.h"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "core/base/unicode.h"

namespace veilroute::dicom {
namespace {

/// Not for two threads at once.
class Converter {
 public:
  Converter(const char* to, const char* from) : handle_(iconv_open(to, from)) {}
  ~Converter() {
    if (is_open()) iconv_close(handle_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;

  [[nodiscard]] std::optional<std::string> convert(std::string_view text) const {
    if (!is_open()) return std::nullopt;
    iconv(handle_, nullptr, nullptr, nullptr, nullptr);
    constexpr std::size_t kMostBytesOut = 8;  // of one byte or character in, escapes included
    std::string out(text.size() * kMostBytesOut + kMostBytesOut, '\0');
    // iconv's type is not const, yet it does not write there.
    char* in = const_cast<char*>(text.data());
    std::size_t left = text.size();
    char* to = out.data();
    std::size_t room = out.size();
    const std::size_t replaced = iconv(handle_, &in, &left, &to, &room);
    if (replaced != 0 || left != 0) return std::nullopt;
    out.resize(out.size() - room);
    return out;
  }

 private:
  // POSIX has it so. NOLINTNEXTLINE(performance-no-int-to-ptr)
  [[nodiscard]] bool is_open() const { return handle_ != reinterpret_cast<iconv_t>(-1); }
  iconv_t handle_;
};

/// Of this thread, kept open: the system loads a module for each encoding when the first is opened
/// and drops it when the last is closed, which costs more than all that is converted.
const Converter& converter(const char* to, const char* from) {
  thread_local std::map<std::pair<std::string, std::string>, Converter> open;
  return open.try_emplace({to, from}, to, from).first->second;
}

char32_t only_character(const Converter& converter, std::string_view bytes) {
  const auto text = converter.convert(bytes);
  if (!text) return 0;
  std::size_t at = 0;
  const auto code_point = next_code_point(*text, at);
  return code_point && at == text->size() ? *code_point : 0;
}

constexpr std::size_t kRightHalf = 96;
constexpr std::size_t kTableRows = 94;
constexpr std::uint8_t kFirstRow = 0x21;
constexpr std::uint8_t kFirstRight = 0xA0;

using SingleTable = std::array<char32_t, kRightHalf>;
using DoubleTable = std::vector<char32_t>;

SingleTable make_single(const char* encoding) {
  const Converter converter("UTF-8", encoding);
  SingleTable table{};
  for (std::size_t i = 0; i < kRightHalf; ++i) {
    const char byte = static_cast<char>(kFirstRight + i);
    table[i] = only_character(converter, {&byte, 1});
  }
  return table;
}

/// `before`: what the encoding writes before the two bytes, which have their high bits set.
DoubleTable make_double(const char* encoding, std::string_view before) {
  const Converter converter("UTF-8", encoding);
  DoubleTable table(kTableRows * kTableRows);
  constexpr unsigned kHighBit = 0x80;
  for (std::size_t row = 0; row < kTableRows; ++row) {
    for (std::size_t cell = 0; cell < kTableRows; ++cell) {
      std::string bytes(before);
      bytes += static_cast<char>((kFirstRow + row) | kHighBit);
      bytes += static_cast<char>((kFirstRow + cell) | kHighBit);
      table[row * kTableRows + cell] = only_character(converter, bytes);
    }
  }
  return table;
}

template <CodeTable which>
const SingleTable& single_table(const char* encoding) {
  static const SingleTable table = make_single(encoding);
  return table;
}

const SingleTable* single(CodeTable table) {
  switch (table) {
    case CodeTable::latin1:
      return &single_table<CodeTable::latin1>("ISO-8859-1");
    case CodeTable::latin2:
      return &single_table<CodeTable::latin2>("ISO-8859-2");
    case CodeTable::latin3:
      return &single_table<CodeTable::latin3>("ISO-8859-3");
    case CodeTable::latin4:
      return &single_table<CodeTable::latin4>("ISO-8859-4");
    case CodeTable::latin5:
      return &single_table<CodeTable::latin5>("ISO-8859-9");
    case CodeTable::latin9:
      return &single_table<CodeTable::latin9>("ISO-8859-15");
    case CodeTable::cyrillic:
      return &single_table<CodeTable::cyrillic>("ISO-8859-5");
    case CodeTable::arabic:
      return &single_table<CodeTable::arabic>("ISO-8859-6");
    case CodeTable::greek:
      return &single_table<CodeTable::greek>("ISO-8859-7");
    case CodeTable::hebrew:
      return &single_table<CodeTable::hebrew>("ISO-8859-8");
    case CodeTable::thai:
      return &single_table<CodeTable::thai>("TIS-620");
    default:
      return nullptr;
  }
}

const DoubleTable* double_table(CodeTable table) {
  switch (table) {
    case CodeTable::jisx0208: {
      static const DoubleTable made = make_double("EUC-JP", "");
      return &made;
    }
    case CodeTable::jisx0212: {
      static const DoubleTable made = make_double("EUC-JP", "\x8F");
      return &made;
    }
    case CodeTable::ksx1001: {
      static const DoubleTable made = make_double("EUC-KR", "");
      return &made;
    }
    case CodeTable::gb2312: {
      static const DoubleTable made = make_double("EUC-CN", "");
      return &made;
    }
    default:
      return nullptr;
  }
}

/// ISO 2022 ends with a way back to ASCII, which in a data set need not follow.
void drop_last_escape(std::string& text) {
  constexpr std::string_view kBack = "\x1B(B";
  if (text.ends_with(kBack)) text.resize(text.size() - kBack.size());
}

}  // namespace

bool is_double_byte(CodeTable table) {
  return table == CodeTable::jisx0208 || table == CodeTable::jisx0212 ||
         table == CodeTable::ksx1001 || table == CodeTable::gb2312;
}

char32_t character_of(CodeTable table, std::uint8_t byte) {
  if (byte < kFirstRight) return 0;
  if (table == CodeTable::katakana) {
    constexpr std::uint8_t kFirst = 0xA1;
    constexpr std::uint8_t kLast = 0xDF;
    constexpr char32_t kHalfWidth = 0xFF61;
    return byte >= kFirst && byte <= kLast ? kHalfWidth + (byte - kFirst) : 0;
  }
  const SingleTable* characters = single(table);
  return characters == nullptr ? 0 : (*characters)[byte - kFirstRight];
}

char32_t character_of(CodeTable table, std::uint8_t row, std::uint8_t cell) {
  const DoubleTable* characters = double_table(table);
  const auto is_in = [](std::uint8_t byte) {
    return byte >= kFirstRow && byte < kFirstRow + kTableRows;
  };
  if (characters == nullptr || !is_in(row) || !is_in(cell)) return 0;
  return (*characters)[std::size_t(row - kFirstRow) * kTableRows + std::size_t(cell - kFirstRow)];
}

std::optional<std::string> from_encoding(std::string_view bytes, const char* encoding) {
  return converter("UTF-8", encoding).convert(bytes);
}

std::vector<std::string> byte_forms(std::string_view utf8) {
  std::vector<std::string> forms{std::string(utf8)};
  const auto add = [&forms](std::string form) {
    if (std::find(forms.begin(), forms.end(), form) == forms.end())
      forms.push_back(std::move(form));
  };
  static constexpr auto kEncodings = std::to_array<const char*>(
      {"UTF-16LE",   "UTF-16BE",      "ISO-8859-1", "ISO-8859-2", "ISO-8859-3", "ISO-8859-4",
       "ISO-8859-5", "ISO-8859-6",    "ISO-8859-7", "ISO-8859-8", "ISO-8859-9", "ISO-8859-15",
       "TIS-620",    "CP1250",        "CP1251",     "CP1252",     "KOI8-R",     "EUC-JP",
       "SHIFT_JIS",  "ISO-2022-JP-2", "EUC-KR",     "GB18030",    "BIG5"});
  constexpr std::size_t kForAscii = 2;
  const std::string whole = composed(utf8);
  add(whole);
  add(decomposed(utf8));
  const std::size_t most = is_ascii(utf8) ? kForAscii : kEncodings.size();
  for (std::size_t i = 0; i < most; ++i) {
    auto form = converter(kEncodings[i], "UTF-8").convert(whole);
    if (!form) continue;
    drop_last_escape(*form);
    add(std::move(*form));
  }
  return forms;
}

}  // namespace veilroute::dicom
