#include "support/http_double.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <chrono>
#include <stdexcept>
#include <utility>

namespace echosocket::testing {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::chrono::seconds exchange_patience{60};

}  // namespace

http_double::http_double() : acceptor_(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
    accepting_ = std::jthread([this] { accept(); });
}

http_double::~http_double() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    // A connection of our own ends the blocking accept.
    tcp::socket last(io_);
    error_code ignored;
    last.connect(acceptor_.local_endpoint(), ignored);
    accepting_.join();
}

void http_double::answer(const std::string& path, std::string bytes, then next) {
    const std::lock_guard lock(mutex_);
    answers_[path] = {std::move(bytes), next};
}

void http_double::serve(const std::string& path, const std::string& body) {
    answer(path, "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
}

void http_double::redirect(const std::string& path, const std::string& location) {
    answer(path, "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location + "\r\n\r\n");
}

std::string http_double::url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port()) + path;
}

std::vector<std::string> http_double::requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
}

void http_double::wait_until_waiting() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, exchange_patience, [this] { return waiting_ > 0; }))
        throw std::runtime_error("nobody asked for an answer that waits");
}

bool http_double::wait_until_left() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, exchange_patience, [this] { return left_ > 0; });
}

void http_double::accept() {
    for (;;) {
        tcp::socket client(io_);
        error_code error;
        acceptor_.accept(client, error);
        const std::lock_guard lock(mutex_);
        if (ending_ || error) return;
        conversations_.emplace_back([this, socket = std::move(client)]() mutable { converse(std::move(socket)); });
    }
}

void http_double::converse(tcp::socket client) {
    error_code error;
    std::string head;
    asio::read_until(client, asio::dynamic_buffer(head), "\r\n\r\n", error);
    if (error) return;
    const auto reply = answer_to(head);
    asio::write(client, asio::buffer(reply.bytes), error);
    if (reply.next == then::close) return;
    {
        const std::lock_guard lock(mutex_);
        ++waiting_;
    }
    changed_.notify_all();
    char byte = 0;
    client.read_some(asio::buffer(&byte, 1), error);
    {
        const std::lock_guard lock(mutex_);
        ++left_;
    }
    changed_.notify_all();
}

http_double::scripted http_double::answer_to(const std::string& head) {
    const auto begin = head.find(' ') + 1;
    const auto path = head.substr(begin, head.find(' ', begin) - begin);
    const std::lock_guard lock(mutex_);
    requests_.push_back(head);
    const auto found = answers_.find(path);
    if (found != answers_.end()) return found->second;
    return {"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone", then::close};
}

}  // namespace echosocket::testing
