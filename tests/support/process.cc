#include "tests/support/process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <sstream>

#include "tests/support/temporary_folder.h"
#include "tests/support/wait.h"

namespace veilroute::test {
namespace {

pid_t start(const std::vector<std::string>& command, const std::filesystem::path& output) {
  std::vector<char*> arguments;
  for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const int file = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const pid_t child = ::fork();
  if (child != 0) {
    ::close(file);
    return child;
  }
  // Only calls that are safe after fork in a program with threads.
  ::dup2(file, STDOUT_FILENO);
  ::dup2(file, STDERR_FILENO);
  const int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, STDIN_FILENO);
  ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

int exit_code_of(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

std::string read_all(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace

Finished run(const std::vector<std::string>& command, std::chrono::seconds longest) {
  const TemporaryFolder folder;
  Process process(command, folder.path() / "output");
  Finished finished;
  const bool ended = wait_for([&] { return !process.running(); }, longest);
  finished.exit_code = ended ? process.stop() : (process.kill(), 137);
  finished.output = process.output();
  return finished;
}

Process::Process(const std::vector<std::string>& command, std::filesystem::path output)
    : output_(std::move(output)) {
  pid_ = start(command, output_);
  if (pid_ < 0) ADD_FAILURE() << "cannot start " << command.front();
}

Process::~Process() { kill(); }

int Process::reap(bool wait) {
  if (pid_ > 0) {
    int status = 0;
    const pid_t ended = ::waitpid(pid_, &status, wait ? 0 : WNOHANG);
    if (ended == pid_) {
      status_ = exit_code_of(status);
      pid_ = -1;
    }
  }
  return status_;
}

bool Process::running() {
  reap(false);
  return pid_ > 0;
}

std::string Process::output() const { return read_all(output_); }

bool Process::wait_for_output(const std::string& text, std::chrono::milliseconds longest) {
  return wait_for([&] { return output().find(text) != std::string::npos; }, longest);
}

int Process::stop(std::chrono::seconds longest) {
  if (running()) ::kill(pid_, SIGTERM);
  if (!wait_for([&] { return !running(); }, longest)) kill();
  return status_;
}

void Process::kill() {
  if (!running()) return;
  ::kill(pid_, SIGKILL);
  reap(true);
}

int free_port() {
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool bound = ::bind(probe, generic, size) == 0 && ::getsockname(probe, generic, &size) == 0;
  ::close(probe);
  if (!bound) ADD_FAILURE() << "no free port";
  return ntohs(address.sin_port);
}

}  // namespace veilroute::test
