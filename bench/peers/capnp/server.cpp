// An echo server in Cap'n Proto's own style.
#include "echo.capnp.h"
#include "serving.hpp"

#include <capnp/ez-rpc.h>
#include <kj/async-io.h>

namespace {

class echo final : public Echo::Server {
    kj::Promise<void> call(CallContext context) override {
        context.getResults().setPayload(context.getParams().getPayload());
        return kj::READY_NOW;
    }
};

}  // namespace

int main() {
    capnp::EzRpcServer server(kj::heap<echo>(), "127.0.0.1", 0);
    auto& wait = server.getWaitScope();
    echosocket::bench::announce(static_cast<std::uint16_t>(server.getPort().wait(wait)));
    kj::NEVER_DONE.wait(wait);
}
