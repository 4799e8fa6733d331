// Error texts for arguments and replies that do not fit, and the memory that arguments are encoded into.
#include <echosocket/codec.hpp>
#include <echosocket/detail/arguments.hpp>

#include <array>
#include <cstddef>

namespace echosocket::detail {

namespace {

// A few strings, because several calls may be on their way to another thread; only small ones, because idle threads
// keep them too.
struct spare_strings {
    static constexpr std::size_t largest = 4096;

    std::array<std::string, 8> kept;
    std::size_t count = 0;
};
thread_local spare_strings spares;

}  // namespace

std::string spare_string() noexcept {
    return spares.count == 0 ? std::string() : std::move(spares.kept[--spares.count]);
}

void keep_spare(std::string&& used) noexcept {
    const bool worth_it = used.capacity() > std::string().capacity() && used.capacity() <= spare_strings::largest;
    if (!worth_it || spares.count == spares.kept.size()) return;
    used.clear();
    spares.kept[spares.count++] = std::move(used);
}

failure bad_reply(const json_document& reply, std::string_view expected) {
    return {errc::bad_reply, "the reply " + reply.error() + "; expected " + std::string(expected)};
}

failure bad_reply(const mismatch& why) {
    return {errc::bad_reply, why.text("reply")};
}

std::string arity_error(arity taken, std::string_view names, std::size_t came) {
    const auto got = ", got " + std::to_string(came);
    if (taken.most == 0) return "expected no arguments" + got;

    auto count = std::to_string(taken.required);
    std::size_t counted = taken.required;
    if (taken.unbounded) {
        count.insert(0, "at least ");
    } else if (taken.required != taken.most) {
        count += " to " + std::to_string(taken.most);
        counted = taken.most;
    }
    return "expected " + count + (counted == 1 ? " argument (" : " arguments (") + std::string(names) + ')' + got;
}

std::string argument_error(const mismatch& why, std::size_t position) {
    return why.text("argument " + std::to_string(position + 1));
}

std::string document_error(const json_document& body, std::string_view names) {
    return "the body " + body.error() + "; expected (" + std::string(names) + ')';
}

std::string expect_no_arguments(std::string_view body, unsigned max_nesting) {
    if (body.empty()) return {};
    return expect_no_arguments(json_document(body, max_nesting));
}

std::string expect_no_arguments(const json_document& body) {
    const auto came = body.error().empty() ? argument_list(body, arity{}).size() : 1;
    return came == 0 ? std::string() : arity_error(arity{}, {}, came);
}

std::span<const json::value> argument_list(const json_document& body, arity taken) {
    const auto& root = body.root();
    if (const auto* array = root.if_array()) return {array->data(), array->size()};
    if (root.is_null() && taken.required == 0) return {};
    return {&root, 1};
}

}  // namespace echosocket::detail
