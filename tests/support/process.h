// Programs that a test starts, watches and ends, each by its own pid.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace veilroute::test {

/// What a program that has ended left behind.
struct Finished {
  int exit_code = -1;  ///< 128 + signal when a signal ended it
  std::string output;  ///< standard output and error, as they came
};

/// Runs a program to its end; `longest` passed: it is killed and the exit code is 137.
Finished run(const std::vector<std::string>& command,
             std::chrono::seconds longest = std::chrono::seconds(60));

/// A program running beside the test; killed when destroyed. Its output goes to a file.
class Process {
 public:
  Process(const std::vector<std::string>& command, std::filesystem::path output);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool running();
  /// Everything it has written so far.
  [[nodiscard]] std::string output() const;
  /// Waits until its output holds `text`.
  bool wait_for_output(const std::string& text, std::chrono::milliseconds longest);
  /// SIGTERM, then waits; the exit code, or 137 when it had to be killed.
  int stop(std::chrono::seconds longest = std::chrono::seconds(20));
  /// SIGKILL, at once.
  void kill();

 private:
  int reap(bool wait);
  pid_t pid_ = -1;
  int status_ = -1;
  std::filesystem::path output_;
};

/// A port of 127.0.0.1 that was free a moment ago.
int free_port();

}  // namespace veilroute::test
