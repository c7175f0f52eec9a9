// One line an event, to stderr and optionally a file, through spdlog's sinks.
#include "core/base/log.h"

#include <fcntl.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

namespace veilroute::log {

namespace {

/// Longer values are cut: a line must stay a line.
constexpr std::size_t kLongestValue = 2000;

struct Writer {
  std::shared_ptr<spdlog::logger> screen;
  std::shared_ptr<spdlog::logger> file;  ///< null: none
  Level lowest = Level::warn;
  bool json = false;
  bool colour = false;
  const Writer* former = nullptr;  ///< kept: another thread may still be writing through it
};

std::shared_ptr<spdlog::logger> plain_logger(const spdlog::sink_ptr& sink) {
  auto logger = std::make_shared<spdlog::logger>("", sink);
  logger->set_level(spdlog::level::trace);
  logger->set_pattern("%v");
  // The library reports its own failures (a full disk) by this; said at most once a second by it.
  logger->set_error_handler(
      [](const std::string&) { std::fputs("error event=log.write-failed\n", stderr); });
  return logger;
}

Writer* make_writer() {
  auto* made = new Writer;  // never freed: threads may log while the process ends
  made->screen = plain_logger(std::make_shared<spdlog::sinks::stderr_sink_mt>());
  return made;
}

std::atomic<const Writer*>& current() {
  static std::atomic<const Writer*> writer{make_writer()};
  return writer;
}

std::string_view name_of(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warn:
      return "warn";
    case Level::error:
      return "error";
  }
  return "error";
}

std::string_view colour_of(Level level) {
  if (level == Level::error) return "\033[1;31m";
  if (level == Level::warn) return "\033[33m";
  return level == Level::info ? "\033[32m" : "\033[2m";
}

bool stderr_takes_colour() {
  const char* wish = std::getenv("NO_COLOR");  // NOLINT: before the first thread
  return (wish == nullptr || *wish == '\0') && ::isatty(STDERR_FILENO) == 1;
}

bool is_plain(std::string_view value) {
  if (value.empty()) return false;
  for (const char c : value) {
    if (c <= ' ' || c > '~' || c == '"' || c == '\\' || c == '=') return false;
  }
  return true;
}

/// In double quotes, as JSON has it; control characters and anything beyond ASCII as \u00XX of each
/// byte, so that no value can begin a new line or move a terminal's cursor.
std::string in_quotes(std::string_view value) {
  std::string text = "\"";
  for (const char c : value.substr(0, kLongestValue)) {
    if (c == '"' || c == '\\') {
      text += '\\';
      text += c;
    } else if (c < ' ' || c > '~') {
      char code[8];
      std::snprintf(code, sizeof code, "\\u%04x",
                    static_cast<unsigned>(static_cast<unsigned char>(c)));
      text += code;
    } else {
      text += c;
    }
  }
  if (value.size() > kLongestValue) text += "...";
  return text + "\"";
}

std::string as_pairs(Level level, std::string_view event, std::initializer_list<Field> fields,
                     bool colour) {
  std::string name(name_of(level));
  name.resize(5, ' ');
  std::string line = to_text(SystemClock().now()) + " ";
  line += colour ? std::string(colour_of(level)) + name + "\033[0m" : name;
  line += " event=" + (is_plain(event) ? std::string(event) : in_quotes(event));
  for (const Field& field : fields) {
    const std::string& value = field.value();
    const bool plain = is_plain(value) && value.size() <= kLongestValue;
    line += " " + field.key() + "=" + (plain ? value : in_quotes(value));
  }
  return line;
}

std::string as_json(Level level, std::string_view event, std::initializer_list<Field> fields) {
  std::string line = "{\"time\":\"" + to_text(SystemClock().now()) + "\",\"level\":\"";
  line += name_of(level);
  line += "\",\"event\":" + in_quotes(event);
  for (const Field& field : fields) {
    line += "," + in_quotes(field.key()) + ":";
    line += field.is_number() ? field.value() : in_quotes(field.value());
  }
  return line + "}";
}

/// Creates the file with our own mode: the library would leave it to the umask.
Result<void> prepare_file(const std::string& path) {
  const int number = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (number < 0) {
    return make_error(ErrorKind::refused, "log.unwritable", "cannot write the log file " + path);
  }
  ::close(number);
  return {};
}

}  // namespace

Result<void> start(const Settings& settings) {
  auto made = std::unique_ptr<Writer>(make_writer());
  made->lowest = settings.lowest;
  made->json = settings.json;
  made->colour = !settings.json && stderr_takes_colour();
  if (!settings.file.empty()) {
    VR_TRY(prepare_file(settings.file));
    try {
      made->file = plain_logger(std::make_shared<spdlog::sinks::basic_file_sink_mt>(settings.file));
      made->file->flush_on(spdlog::level::trace);
    } catch (const std::exception&) {
      return make_error(ErrorKind::refused, "log.unwritable",
                        "cannot write the log file " + settings.file);
    }
  }
  made->former = current().load(std::memory_order_acquire);
  current().store(made.release(), std::memory_order_release);
  return {};
}

void write(Level level, std::string_view event, std::initializer_list<Field> fields) {
  const Writer& writer = *current().load(std::memory_order_acquire);
  if (level < writer.lowest) return;
  const std::string line =
      writer.json ? as_json(level, event, fields) : as_pairs(level, event, fields, writer.colour);
  writer.screen->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
  if (writer.file == nullptr) return;
  const std::string plain = writer.colour ? as_pairs(level, event, fields, false) : line;
  writer.file->log(spdlog::level::info, spdlog::string_view_t(plain.data(), plain.size()));
}

}  // namespace veilroute::log
