//! A call of the API as it is written in curl, Python, JavaScript and Go.

use serde_json::Value;

/// How a call proves who makes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ExampleProof {
    Nothing,
    Bearer,
    Basic,
}

/// What a call sends.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum ExampleBody {
    Nothing,
    Json(Value),
    Form(Vec<(String, String)>),
}

/// A call that can be copied.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ExampleCall {
    pub method: String,
    pub address: String,
    pub proof: ExampleProof,
    /// Whether it has to name its tenant.
    pub names_tenant: bool,
    pub sent: ExampleBody,
}

/// A call in a language.
pub(super) struct Example {
    pub language: &'static str,
    pub code: String,
}

impl ExampleCall {
    /// As a command.
    pub(super) fn curl(&self) -> String {
        let verb = match (&*self.method, &self.sent) {
            ("GET", _) | ("POST", ExampleBody::Json(_) | ExampleBody::Form(_)) => String::new(),
            (method, _) => format!("-X {method} "),
        };
        let mut lines = vec![format!("curl {verb}'{}'", self.address)];
        match self.proof {
            ExampleProof::Bearer => lines.push("-H \"Authorization: Bearer $TOKEN\"".to_owned()),
            ExampleProof::Basic => lines.push("-u \"$CLIENT_ID:$CLIENT_SECRET\"".to_owned()),
            ExampleProof::Nothing => {}
        }
        if self.names_tenant {
            lines.push("-H \"X-Tenant-ID: $TENANT_ID\"".to_owned());
        }
        match &self.sent {
            ExampleBody::Nothing => {}
            ExampleBody::Json(value) => {
                lines.push("-H 'Content-Type: application/json'".to_owned());
                lines.push(format!("-d '{value}'"));
            }
            ExampleBody::Form(pairs) => {
                lines.extend(pairs.iter().map(|(name, value)| format!("-d '{name}={value}'")));
            }
        }
        lines.join(" \\\n  ")
    }

    /// In three languages.
    pub(super) fn examples(&self) -> Vec<Example> {
        vec![
            Example { language: "Python", code: self.python() },
            Example { language: "JavaScript", code: self.javascript() },
            Example { language: "Go", code: self.go() },
        ]
    }

    fn python(&self) -> String {
        let mut lines = vec![format!("    {:?}, {:?},", self.method, self.address)];
        let mut headers = Vec::new();
        match self.proof {
            ExampleProof::Bearer => headers.push("\"Authorization\": f\"Bearer {os.environ['TOKEN']}\""),
            ExampleProof::Basic => {
                lines.push("    auth=(os.environ[\"CLIENT_ID\"], os.environ[\"CLIENT_SECRET\"]),".to_owned());
            }
            ExampleProof::Nothing => {}
        }
        if self.names_tenant {
            headers.push("\"X-Tenant-ID\": os.environ[\"TENANT_ID\"]");
        }
        if !headers.is_empty() {
            lines.push(format!("    headers={{{}}},", headers.join(", ")));
        }
        match &self.sent {
            ExampleBody::Nothing => {}
            ExampleBody::Json(value) => lines.push(format!("    json={},", python_literal(value))),
            ExampleBody::Form(pairs) => lines.push(format!("    data={{{}}},", listed(pairs))),
        }
        let call = lines.join("\n");
        format!(
            "import os, requests\n\nanswer = requests.request(\n{call}\n)\nanswer.raise_for_status()\nprint(answer.text)"
        )
    }

    fn javascript(&self) -> String {
        let mut headers = Vec::new();
        match self.proof {
            ExampleProof::Bearer => headers.push("authorization: `Bearer ${process.env.TOKEN}`".to_owned()),
            ExampleProof::Basic => headers.push(
                "authorization: `Basic ${btoa(`${process.env.CLIENT_ID}:${process.env.CLIENT_SECRET}`)}`"
                    .to_owned(),
            ),
            ExampleProof::Nothing => {}
        }
        if self.names_tenant {
            headers.push("'x-tenant-id': process.env.TENANT_ID".to_owned());
        }
        let body = match &self.sent {
            ExampleBody::Nothing => String::new(),
            ExampleBody::Json(value) => {
                headers.push("'content-type': 'application/json'".to_owned());
                format!("\n  body: JSON.stringify({value}),")
            }
            ExampleBody::Form(pairs) => format!("\n  body: new URLSearchParams({{ {} }}),", listed(pairs)),
        };
        let headers = match headers.as_slice() {
            [] => String::new(),
            all => format!("\n  headers: {{ {} }},", all.join(", ")),
        };
        format!(
            "const answer = await fetch('{}', {{\n  method: '{}',{headers}{body}\n}});\n\
             if (!answer.ok) throw new Error(await answer.text());\nconsole.log(await answer.text());",
            self.address, self.method
        )
    }

    fn go(&self) -> String {
        let (body, media) = match &self.sent {
            ExampleBody::Nothing => ("nil".to_owned(), None),
            ExampleBody::Json(value) => (format!("strings.NewReader(`{value}`)"), Some("application/json")),
            ExampleBody::Form(pairs) => {
                let pairs: Vec<_> =
                    pairs.iter().map(|(name, value)| format!("{name:?}: {{{value:?}}}")).collect();
                let form = format!("strings.NewReader(url.Values{{{}}}.Encode())", pairs.join(", "));
                (form, Some("application/x-www-form-urlencoded"))
            }
        };
        let mut lines = vec![format!(
            "request, err := http.NewRequest({:?}, {:?}, {body})\nif err != nil {{\n\tlog.Fatal(err)\n}}",
            self.method, self.address
        )];
        match self.proof {
            ExampleProof::Bearer => {
                lines.push(
                    "request.Header.Set(\"Authorization\", \"Bearer \"+os.Getenv(\"TOKEN\"))".to_owned(),
                );
            }
            ExampleProof::Basic => lines.push(
                "request.SetBasicAuth(os.Getenv(\"CLIENT_ID\"), os.Getenv(\"CLIENT_SECRET\"))".to_owned(),
            ),
            ExampleProof::Nothing => {}
        }
        if self.names_tenant {
            lines.push("request.Header.Set(\"X-Tenant-ID\", os.Getenv(\"TENANT_ID\"))".to_owned());
        }
        if let Some(media) = media {
            lines.push(format!("request.Header.Set(\"Content-Type\", {media:?})"));
        }
        lines.push(
            "answer, err := http.DefaultClient.Do(request)\nif err != nil {\n\tlog.Fatal(err)\n}\n\
             defer answer.Body.Close()\nio.Copy(os.Stdout, answer.Body)"
                .to_owned(),
        );
        lines.join("\n")
    }
}

/// Names and texts, as Python and JavaScript both write them.
fn listed(pairs: &[(String, String)]) -> String {
    pairs.iter().map(|(name, value)| format!("{name:?}: {value:?}")).collect::<Vec<_>>().join(", ")
}

/// A JSON value as Python writes it.
fn python_literal(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(_) | Value::String(_) => value.to_string(),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(python_literal).collect::<Vec<_>>().join(", "))
        }
        Value::Object(members) => {
            let pairs = members.iter().map(|(name, value)| format!("{name:?}: {}", python_literal(value)));
            format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn call(method: &str, proof: ExampleProof, sent: ExampleBody) -> ExampleCall {
        let address = "https://id.example/api/v1/x".to_owned();
        ExampleCall { method: method.to_owned(), address, proof, names_tenant: true, sent }
    }

    #[test]
    fn a_call_is_written_in_every_language() {
        let sent =
            ExampleBody::Json(json!({ "name": "x", "enabled": true, "owner": null, "list": [1, "a"] }));
        let call = call("PATCH", ExampleProof::Bearer, sent);
        assert_eq!(
            call.curl(),
            "curl -X PATCH 'https://id.example/api/v1/x' \\\n  -H \"Authorization: Bearer $TOKEN\" \\\n  \
             -H \"X-Tenant-ID: $TENANT_ID\" \\\n  -H 'Content-Type: application/json' \\\n  \
             -d '{\"enabled\":true,\"list\":[1,\"a\"],\"name\":\"x\",\"owner\":null}'"
        );
        let [python, javascript, go] = <[Example; 3]>::try_from(call.examples()).ok().unwrap();
        assert!(python.code.contains("\"enabled\": True") && python.code.contains("\"owner\": None"));
        assert!(python.code.contains("Bearer {os.environ['TOKEN']}"), "{}", python.code);
        assert!(javascript.code.contains("JSON.stringify({\"enabled\":true"), "{}", javascript.code);
        assert!(go.code.contains("http.NewRequest(\"PATCH\""), "{}", go.code);
    }

    #[test]
    fn a_form_is_a_form_in_every_language() {
        let pairs = vec![("grant_type".to_owned(), "client_credentials".to_owned())];
        let call = call("POST", ExampleProof::Basic, ExampleBody::Form(pairs));
        assert!(call.curl().contains("-u \"$CLIENT_ID:$CLIENT_SECRET\"") && !call.curl().contains("-X"));
        for (example, part) in call.examples().iter().zip(["data={", "URLSearchParams", "url.Values{"]) {
            assert!(example.code.contains(part), "{}", example.code);
        }
    }
}
