package page

var portuguese = wording{
	language: "pt", signedIn: "Sessão iniciada como", reference: "Referência", contact: "Dúvidas?",
	labels: [labels]string{
		SignIn: "Entrar", SignInAgain: "Entrar novamente", TryAgain: "Tentar novamente", StartPage: "Ir para a página inicial",
		SignOut: "Sair", AnotherAccount: "Usar outra conta", Email: "Ou pelo seu endereço de e-mail", Next: "Avançar",
	},
	texts: [subjects]text{
		Internal:          {"Algo deu errado", "Tente novamente mais tarde. Se voltar a acontecer, informe esta referência ao responsável pelo site."},
		UnknownHost:       {"Não há nenhum site aqui", "Verifique o endereço."},
		SiteUnavailable:   {"Este site não está disponível no momento", "Tente novamente dentro de instantes."},
		BadPath:           {"Este endereço não funciona", "Verifique o endereço ou vá para a página inicial."},
		MethodNotAllowed:  {"Isto não funciona aqui", "Este endereço não foi feito para ser usado assim."},
		CookiesNotKept:    {"O seu navegador não guarda a sessão", "Permita os cookies deste site, ou continue no navegador em que começou, e tente novamente."},
		AlreadySignedIn:   {"A sua sessão já está iniciada", "Este início de sessão já foi concluído. Não há mais nada a fazer aqui."},
		AccessDenied:      {"A sessão não foi iniciada", "O início de sessão foi cancelado ou não foi permitido."},
		AccountRefused:    {"Este site não está aberto para si", "A conta com que iniciou a sessão não tem acesso aqui."},
		Forbidden:         {"Esta página não está aberta para si", "A sua sessão está iniciada, mas a sua conta não tem acesso aqui."},
		SignInUnavailable: {"Não é possível entrar no momento", "O serviço de início de sessão não responde. Tente novamente dentro de instantes."},
		SignInFailed:      {"O início de sessão não funcionou", "Demorou demais, foi iniciado em outro navegador, ou o seu link já tinha sido usado."},
		SignInBroken:      {"O início de sessão não funciona", "É preciso reparar o início de sessão deste site. Informe esta referência ao responsável."},
		SignInRequired:    {"Inicie a sessão", "Entre para continuar."},
		ChooseProvider:    {"Escolha como entrar", "Depois, você voltará para cá."},
		SignInElsewhere:   {"Inicie a sessão", "A entrada abre uma janela própria. Depois esta página continua sozinha, ou continue nessa janela."},
		OpenInBrowser:     {"Este endereço pede que inicie a sessão", "Abra-o no seu navegador."},
		ConfirmLogout:     {"Sair?", "A sua sessão neste site será encerrada."},
		SignedOut:         {"A sua sessão foi encerrada", "Pode fechar esta janela ou entrar novamente."},
	},
}
