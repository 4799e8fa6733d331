// A tiny HTTP server whose every byte is set by a test.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace echosocket::testing {

/// Answers each path with the bytes set for it, on a thread of its own; any other with `404`.
class http_double {
public:
    http_double();
    http_double(const http_double&) = delete;
    http_double& operator=(const http_double&) = delete;
    ~http_double();

    /// What happens after the last byte of an answer.
    enum class then { close, wait };

    void answer(const std::string& path, std::string bytes, then next = then::close);
    /// An answer of status 200 with the correct Content-Length.
    void serve(const std::string& path, const std::string& body);
    void redirect(const std::string& path, const std::string& location);

    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    [[nodiscard]] std::string url(const std::string& path) const;
    /// The heads of the requests so far.
    [[nodiscard]] std::vector<std::string> requests() const;

    /// Returns when an answer with `then::wait` was sent whole.
    void wait_until_waiting();
    /// Returns when a client that was kept waiting has closed its connection; returns false after a minute.
    [[nodiscard]] bool wait_until_left();

private:
    struct scripted {
        std::string bytes;
        then next;
    };

    void accept();
    void converse(boost::asio::ip::tcp::socket client);
    scripted answer_to(const std::string& head);

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, scripted> answers_;
    std::vector<std::string> requests_;
    unsigned waiting_ = 0;
    unsigned left_ = 0;
    bool ending_ = false;
    boost::asio::io_context io_;
    boost::asio::ip::tcp::acceptor acceptor_;
    std::vector<std::jthread> conversations_;
    std::jthread accepting_;
};

}  // namespace echosocket::testing
