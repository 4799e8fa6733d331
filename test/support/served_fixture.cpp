#include "support/served_fixture.hpp"

#include "support/io_fixture.hpp"

#include <sys/resource.h>
#include <unistd.h>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

namespace echosocket::test {

namespace {

/// Within which a server has to be as it was; sanitizers make it slow.
constexpr std::chrono::seconds recovery_time{is_sanitized ? 20 : 5};
/// Between two looks at the figures, which no event announces.
constexpr std::chrono::milliseconds between_looks{10};

std::string of_process(pid_t pid, const char* what) {
    return "/proc/" + std::to_string(pid) + '/' + what;
}

std::size_t descriptors_of(pid_t pid) {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(of_process(pid, "fd")))
        count += entry.path().empty() ? 0U : 1U;
    return count;
}

/// The tests hold both ends of nothing, but one end of thousands of connections.
void raise_descriptor_limit() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

bool is_long_run() {
    const char* wanted = std::getenv("ECHOSOCKET_HOSTILE");
    return wanted != nullptr && std::string_view(wanted) == "long";
}

std::size_t amount(std::size_t brief, std::size_t full) {
    if (is_long_run()) return full;
    return is_sanitized ? (brief + 3) / 4 : brief;
}

std::ostream& operator<<(std::ostream& to, const served_fixture::figures& f) {
    return to << f.connections << " connections, " << f.running_calls << " running calls, " << f.queued_bytes
              << " queued bytes, " << f.descriptors << " descriptors";
}

served_fixture::served_fixture() {
    raise_descriptor_limit();  // the server's too
}

served_fixture::~served_fixture() = default;

void served_fixture::serve(testing::words more, const testing::program::environment& changes,
                           const std::string& canary_at) {
    arguments_ = std::move(more);
    arguments_.emplace_back("--quiet");  // what it logs would fill a pipe that nobody reads
    environment_ = changes;
    canary_at_ = canary_at;
    start();
    before_ = now();
}

void served_fixture::serve_again() {
    start();
}

void served_fixture::start() {
    served_.emplace(arguments_, environment_);
    canary_.emplace(canary_at_.empty() ? address() : canary_at_);
}

std::vector<raw_peer> served_fixture::connect_all(std::size_t count) {
    std::vector<raw_peer> all;
    all.reserve(count);
    while (all.size() != count) all.push_back(connect());
    return all;
}

std::vector<raw_peer> served_fixture::greet_all(std::size_t count) {
    std::vector<raw_peer> all;
    all.reserve(count);
    while (all.size() != count) {
        all.push_back(connect());
        all.back().sends(raw::hello());  // at once, or the first ones' time might be over before the last ones come
    }
    for (auto& one : all) static_cast<void>(one.expects_hello());
    return all;
}

void served_fixture::check_alive() {
    if (server().is_running()) return;
    const auto end = server().wait();
    throw std::runtime_error("the server has ended with code " + std::to_string(end.code) + ": " + end.err);
}

served_fixture::figures served_fixture::now() {
    check_alive();
    const auto told = canary_->stats();
    const auto number = [&](const char* key) { return told.at(key).to_number<std::uint64_t>(); };
    return {number("connections"), number("running_calls"), number("queued_bytes"), descriptors_of(server().pid())};
}

void served_fixture::wait_until(const std::function<bool(const figures&)>& reached, std::chrono::seconds at_most) {
    const auto end = std::chrono::steady_clock::now() + at_most;
    for (auto found = now(); !reached(found); found = now()) {
        if (std::chrono::steady_clock::now() > end) {
            std::ostringstream what;
            what << "waited in vain, with " << found;
            throw std::runtime_error(what.str());
        }
        std::this_thread::sleep_for(between_looks);
    }
}

std::uint64_t served_fixture::count(std::string_view which, std::string_view reason) {
    const auto told = canary_->stats();
    const auto* found = told.at(which).as_object().if_contains(reason);
    return found == nullptr ? 0 : found->to_number<std::uint64_t>();
}

std::size_t served_fixture::resident() const {
    std::ifstream file(of_process(served_->pid(), "statm"));
    std::size_t all = 0;
    std::size_t pages = 0;
    file >> all >> pages;
    return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

void served_fixture::expect_recovery() {
    const auto end = std::chrono::steady_clock::now() + recovery_time;
    auto left = now();
    while (left != before_ && std::chrono::steady_clock::now() < end) {
        std::this_thread::sleep_for(between_looks);
        left = now();
    }
    BOOST_CHECK_MESSAGE(left == before_, "the attack left " << left << "; before it there were " << before_);
    canary_->sings(20);
}

void served_fixture::let_canary_leave() {
    const auto failed = canary_->leave();
    BOOST_CHECK_MESSAGE(failed.empty(), "the canary has failed: " << failed);
    canary_.reset();
}

testing::ended served_fixture::await_end() {
    auto end = server().wait();
    served_.reset();
    return end;
}

void served_fixture::teardown() {
    if (served_) check_alive();
    if (canary_) let_canary_leave();
    if (!served_) return;
    server().signal(SIGTERM);
    const auto end = await_end();
    BOOST_CHECK_MESSAGE(end.code == 0, "the server has ended with code " << end.code << ": " << end.err);
}

}  // namespace echosocket::test
