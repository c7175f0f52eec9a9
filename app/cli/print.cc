#include "app/cli/print.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "app/advice.h"

namespace veilroute::app::cli {
namespace {

/// Columns on the screen, not bytes: continuation bytes of UTF-8 take no room.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](unsigned char c) {
    return (c & 0xC0U) != 0x80U;
  }));
}

std::atomic<bool> cut_off = false;

void write_out(const std::string& text) {
  const bool whole = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
                     std::fflush(stdout) == 0;
  // `veilroute study list | head`: the reader has what it wanted.
  if (!whole && errno != EPIPE) cut_off = true;
}

bool continues(unsigned char byte) { return (byte & 0xC0U) == 0x80U; }

/// Bytes of the character that begins here: 0 when it is no UTF-8, or a control character.
std::size_t harmless_bytes(std::string_view text) {
  const auto at = [text](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : static_cast<unsigned char>(0);
  };
  const unsigned char first = at(0);
  if (first < 0x80) return first < 0x20 || first == 0x7F ? 0 : 1;
  if (first >= 0xC2 && first < 0xE0) return continues(at(1)) && (first > 0xC2 || at(1) > 0x9F) ? 2 : 0;
  if (first >= 0xE0 && first < 0xF0) return continues(at(1)) && continues(at(2)) ? 3 : 0;
  if (first < 0xF0 || first > 0xF4) return 0;
  return continues(at(1)) && continues(at(2)) && continues(at(3)) ? 4 : 0;
}

}  // namespace

std::string tame(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t count = harmless_bytes(text);
    out += count == 0 ? std::string_view("?") : text.substr(0, count);
    text.remove_prefix(std::max<std::size_t>(count, 1));
  }
  return out;
}

std::string Table::text(bool bold_headings) const {
  std::vector<std::size_t> widths;
  for (const auto& heading : headings_) widths.push_back(width(heading));
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], width(tame(row[i])));
    }
  }
  const auto line = [&widths](const std::vector<std::string>& cells) {
    std::string out;
    for (std::size_t i = 0; i < cells.size() && i < widths.size(); ++i) {
      const std::string text = tame(cells[i]);
      out += text;
      if (i + 1 < cells.size()) out += std::string(widths[i] - width(text) + 2, ' ');
    }
    return out + "\n";
  };
  std::string out = line(headings_);
  if (bold_headings) out = "\x1b[1m" + out.substr(0, out.size() - 1) + "\x1b[0m\n";
  for (const auto& row : rows_) out += line(row);
  return out;
}

std::string cell(const json& row, const char* key) {
  const auto found = row.find(key);
  if (found == row.end() || found->is_null()) return "-";
  if (found->is_boolean()) return found->get<bool>() ? "yes" : "no";
  if (found->is_array()) {
    std::string out;
    for (const auto& item : *found) {
      out += (out.empty() ? "" : ", ") + (item.is_string() ? item.get<std::string>() : item.dump());
    }
    return out.empty() ? "-" : out;
  }
  if (!found->is_string()) return found->dump();
  const auto text = found->get<std::string>();
  return text.empty() ? "-" : text;
}

std::string counts(const json& row, const char* key) {
  const auto found = row.find(key);
  if (found == row.end() || !found->is_object() || found->empty()) return "-";
  std::string out;
  for (const auto& [state, count] : found->items()) {
    out += (out.empty() ? "" : ", ") + count.dump() + " " + state;
  }
  return out;
}

bool out_is_terminal() { return ::isatty(STDOUT_FILENO) == 1; }
bool err_is_terminal() { return ::isatty(STDERR_FILENO) == 1; }

bool colours() {
  const char* no_color = std::getenv("NO_COLOR");  // https://no-color.org
  return out_is_terminal() && (no_color == nullptr || *no_color == '\0');
}

void print(const Table& table) { write_out(table.text(colours())); }

void print_if_truncated(const json& answer) {
  if (!answer.value("truncated", false)) return;
  print_line("There are more: only the newest are listed. Narrow the list, or end what it shows.");
}

void print_line(const std::string& text) { write_out(tame(text) + "\n"); }

void print_json(const json& value) {
  write_out(value.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid: return 2;
    case ErrorKind::refused: return 3;
    case ErrorKind::unavailable:
    case ErrorKind::exhausted: return 4;
    case ErrorKind::corrupt: return 5;
    case ErrorKind::internal: return 70;
  }
  return 70;
}

int report(const Error& error) {
  const std::string text = "veilroute: " + sentences(error, Occasion{});
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::fprintf(stderr, "%s\n", tame(rest.substr(0, end)).c_str());
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return exit_code(error.kind);
}

bool output_is_cut_off() { return cut_off; }

int report_cut_off() {
  return report(make_error(ErrorKind::exhausted, "output.unwritable",
                           "the output took no more; what it holds is not the whole answer"));
}

Progress::Progress(std::string what, std::uint64_t total)
    : what_(std::move(what)), total_(total), terminal_(err_is_terminal()) {}

void Progress::step(std::uint64_t done) {
  if (!terminal_) return;
  shown_ = true;
  std::fprintf(stderr, "\r%s %llu of %llu", what_.c_str(), static_cast<unsigned long long>(done),
               static_cast<unsigned long long>(total_));
  std::fflush(stderr);
}

Progress::~Progress() {
  if (shown_) std::fprintf(stderr, "\n");
}

}  // namespace veilroute::app::cli
