// Verbs and their arguments as each verb's file declares them. Only arguments.cc names CLI11, whose
// header costs every file that sees it half a minute.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace veilroute::app::cli {

/// One argument or option; belongs to its verb. Each call gives itself back, for the next.
class Argument {
 public:
  struct State;
  explicit Argument(std::unique_ptr<State> state);
  ~Argument();
  Argument* required();
  /// How help calls its value: "DIR".
  Argument* type_name(const std::string& name);
  /// Help shows the value it has now.
  Argument* capture_default_str();
  /// Help shows this text as its default.
  Argument* default_str(const std::string& text);
  /// Not together with the other.
  Argument* excludes(Argument* other);
  Argument* between(std::uint64_t least, std::uint64_t most);
  Argument* one_of(const std::vector<std::string>& words);

 private:
  std::unique_ptr<State> state_;
};

/// A verb, or a group of verbs. What its arguments are read into must outlive the run.
class Verb {
 public:
  struct State;
  explicit Verb(std::unique_ptr<State> state);
  ~Verb();
  Verb* add_subcommand(const std::string& name, const std::string& what);
  /// `name` with hyphens is an option, without a positional argument.
  Argument* add_option(const std::string& name, std::string& value, const std::string& what);
  Argument* add_option(const std::string& name, std::filesystem::path& value,
                       const std::string& what);
  Argument* add_option(const std::string& name, std::vector<std::filesystem::path>& value,
                       const std::string& what);
  Argument* add_option(const std::string& name, std::optional<std::uint64_t>& value,
                       const std::string& what);
  Argument* add_option(const std::string& name, std::uint64_t& value, const std::string& what);
  Argument* add_option(const std::string& name, unsigned& value, const std::string& what);
  /// Calls `take` with the text.
  Argument* add_option_function(const std::string& name,
                                const std::function<void(const std::string&)>& take,
                                const std::string& what);
  void add_flag(const std::string& name, bool& value, const std::string& what);
  /// At the end of its help.
  void footer(const std::string& text);
  /// Help alone is not enough: one of its verbs must follow.
  void require_subcommand();
  /// Called once this verb was chosen and its arguments are read.
  void callback(const std::function<void()>& chosen);

 private:
  std::unique_ptr<State> state_;
};

/// The whole command line.
class CommandLine {
 public:
  CommandLine(const std::string& description, const std::string& name, const std::string& version);
  ~CommandLine();
  [[nodiscard]] Verb& root();
  /// The exit code when it ends here: help was asked for, or the arguments are wrong (which is said
  /// on stderr). Else the chosen verb's callback has been called.
  std::optional<int> parse(int argc, char** argv);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace veilroute::app::cli
