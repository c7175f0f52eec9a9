// What goes to the terminal: tables, JSON, and failures that say what to do.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "app/message.h"

namespace veilroute::app::cli {

/// Columns as wide as their widest cell; the last one is never padded. Cells are tame, so that nothing
/// from outside can speak to the terminal.
class Table {
 public:
  explicit Table(std::vector<std::string> headings) : headings_(std::move(headings)) {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  [[nodiscard]] std::string text(bool bold_headings) const;

 private:
  std::vector<std::string> headings_;
  std::vector<std::vector<std::string>> rows_;
};

/// A JSON value as a cell: text as it is, absent as "-".
std::string cell(const json& row, const char* key);
/// {"sent": 3, "refused": 1} as "3 sent, 1 refused".
std::string counts(const json& row, const char* key);
/// Control characters (those of C1 too, U+0080 to U+009F) and bytes that are no UTF-8 become '?', byte
/// by byte.
std::string tame(std::string_view text);

/// True when stdout / stderr is a terminal; colours also need NO_COLOR to be unset.
bool out_is_terminal();
bool err_is_terminal();
bool colours();

void print(const Table& table);
/// Says so when an answer was cut short ("truncated").
void print_if_truncated(const json& answer);
void print_line(const std::string& text);
void print_json(const json& value);
/// "veilroute: what happened ..." on stderr, with the advice for its slug; returns the exit code.
int report(const Error& error);
/// True when stdout did not take all that was printed; not when its reader has simply left.
bool output_is_cut_off();
/// Says so on stderr; returns the exit code.
int report_cut_off();
/// The exit code of a failure (house table; docs/adr/0001).
int exit_code(ErrorKind kind);

/// One line on stderr that is rewritten as work goes on; silent when stderr is not a terminal.
class Progress {
 public:
  explicit Progress(std::string what, std::uint64_t total);
  ~Progress();
  void step(std::uint64_t done);

 private:
  std::string what_;
  std::uint64_t total_;
  bool shown_ = false;
  bool terminal_;
};

/// Of a run in parts, one after another: each counts from 1, and begins a line of its own.
class ProgressInParts {
 public:
  void step(const char* what, std::uint64_t done, std::uint64_t total) {
    if (done == 1) part_ = std::make_unique<Progress>(what, total);
    if (part_) part_->step(done);
  }
  /// Ends the line, before anything else is printed.
  void end() { part_.reset(); }

 private:
  std::unique_ptr<Progress> part_;
};

}  // namespace veilroute::app::cli
