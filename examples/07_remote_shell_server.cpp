// A task that runs programs: it waits for a pipe with Asio's own operations; cancelling the call kills the program.
//
//     remote_shell_server [ADDRESS]
#include <echosocket/server.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect_pipe.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>

#include <sys/wait.h>
#include <unistd.h>
#include <iostream>
#include <iterator>
#include <set>
#include <sstream>

namespace asio = boost::asio;
namespace es = echosocket;

const std::set<std::string> allowed{"date", "echo", "ls", "sleep", "uname"};

pid_t start(std::vector<std::string> words, asio::basic_writable_pipe<> output) {
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    if (const pid_t child = fork()) return child;
    dup2(output.native_handle(), STDOUT_FILENO);
    execvp(arguments[0], arguments.data());
    _exit(127);
}

asio::awaitable<es::result<std::string>> execute(es::task_context& call, std::string line) {
    std::istringstream in{line};
    const std::vector<std::string> words{std::istream_iterator<std::string>{in}, {}};
    if (words.empty() || !allowed.contains(words[0]))
        co_return es::failure{es::errc::not_allowed, "only date, echo, ls, sleep and uname run here"};
    asio::basic_readable_pipe<> output{call.executor()};
    asio::basic_writable_pipe<> input{call.executor()};
    asio::connect_pipe(output, input);
    const pid_t child = start(words, std::move(input));
    std::string text;
    co_await asio::async_read(output, asio::dynamic_buffer(text, 64 * 1024), asio::as_tuple(asio::use_awaitable));
    kill(child, SIGKILL);  // its output ended or was too long, or its call was cancelled
    waitpid(child, nullptr, 0);
    co_return text;
}

int main(int argc, char** argv) {
    asio::io_context io;
    es::server server{io.get_executor(), {.listen = {argc > 1 ? argv[1] : "127.0.0.1:8080"}}};
    server.on("execute", execute, "Runs an allowed program and answers what it wrote");
    if (!server.listen()) return 1;
    std::cout << "listening on " << server.addresses().front() << std::endl;
    asio::co_spawn(io, server.run(), asio::detached);
    io.run();
}
