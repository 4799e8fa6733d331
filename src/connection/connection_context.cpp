#include "connection/connection_context.hpp"

#include "random_numbers.hpp"

#include <random>
#include <string>
#include <utility>

namespace echosocket::net {

namespace {

using std::chrono::milliseconds;

// Give or take 15 %, so that the pings of many connections made at once do not stay together.
milliseconds jittered(milliseconds interval) {
    return milliseconds(interval.count() * std::uniform_int_distribution<long>(85, 115)(random_numbers()) / 100);
}

}  // namespace

connection_context::connection_context(std::uint64_t id, std::string address, const asio::any_io_executor& base,
                                       std::shared_ptr<const connection_settings> given, connection_host& owner)
    : connection_info(id, std::move(address), given->clock->now(), given->limits.max_message),
      strand_owner(base),
      settings_(std::move(given)),
      host_(owner),
      engine_(*settings_, since(), jittered(settings_->limits.ping_interval)) {
    engine_.count_memory_in(this);
}

// Nothing else is left by now that would give back what it holds.
connection_context::~connection_context() {
    connection_context::release(memory_held());
}

void connection_context::hold(std::size_t bytes) noexcept {
    if (settings_->memory == nullptr || bytes == 0) return;
    connection_info::hold(bytes);
    settings_->memory->hold(bytes);
}

void connection_context::release(std::size_t bytes) noexcept {
    if (settings_->memory == nullptr || bytes == 0) return;
    connection_info::release(bytes);
    settings_->memory->release(bytes);
}

void connection_context::log(log_level level, std::string_view text) const noexcept {
    auto& callbacks = host_.callbacks();
    if (!callbacks.has_log()) return;
    try {
        callbacks.log(level, prefixed(text));
    } catch (...) {  // no memory for the line
    }
}

std::string connection_context::prefixed(std::string_view line) const {
    return "[" + std::to_string(id()) + " " + address() + "] " + std::string(line);
}

}  // namespace echosocket::net
