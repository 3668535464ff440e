"""Pages that outlive their process: hosted pages whose logs a store keeps."""
